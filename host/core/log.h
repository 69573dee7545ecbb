/* Messages on stderr by level. Results never go through here. */
#ifndef PLD_CORE_LOG_H
#define PLD_CORE_LOG_H

enum pld_log_level { PLD_LOG_ERROR = 0, PLD_LOG_WARN = 1, PLD_LOG_INFO = 2, PLD_LOG_DEBUG = 3 };

/* Messages above `level` are dropped; INFO is the default. */
void pld_log_set_level(enum pld_log_level level);
enum pld_log_level pld_log_get_level(void);

/* One line, a newline is added. */
void pld_log(enum pld_log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
