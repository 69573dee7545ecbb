# Choosing a device: plug-ins that are absent, too old or broken are told apart, and `auto` goes on
# with the CPU.
. "$(dirname "$0")/lib.bash"

MODEL=$SOURCE/configs/demo/panels.onnx
expect 0 doctor
prints "device      cpu"
expect 0 doctor --json
prints '{"name":"cpu","usable":true'
expect 0 inspect "$MODEL" --device cpu
expect 0 inspect "$MODEL" --device cpu:0
for name in gpu cuda: cuda:x cuda:-1 cuda:1:2 "" CPU; do
    refuses 2 "--device" inspect "$MODEL" "--device=$name"
done

# The plug-in is looked for next to the program, and in ../lib from there.
mkdir bin lib
cp "$BIN" bin/pollard
BIN=$SCRATCH/bin/pollard
cp "$POLLARD_TEST_PLUGINS/plugin_old/libpollard_cuda.so" lib/
refuses 6 "speaks version" inspect "$MODEL" --device cuda
cp "$POLLARD_TEST_PLUGINS/plugin_broken/libpollard_cuda.so" bin/
refuses 6 "device 3 is on fire" inspect "$MODEL" --device cuda:3
expect 0 inspect "$MODEL" --device auto
expect 0 inspect "$MODEL"
echo "no library" >bin/libpollard_cuda.so
refuses 6 "cannot load the plug-in" inspect "$MODEL" --device cuda
expect 0 doctor
prints "not usable: cannot load the plug-in"
finish
