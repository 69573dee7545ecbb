# A plain forward pass: the fast kernels agree with the reference kernels, names and shapes are
# checked.
. "$(dirname "$0")/lib.bash"

MODEL=$SOURCE/configs/demo/panels.onnx
expect 0 inspect "$MODEL" --json
for key in '"inputs":[{"name":"' '"outputs":[{' '"params":' '"macs":' '"ops":{"' '"head":"' \
    '"preprocess":"' '"unsupported":[]'; do
    prints "$key"
done
input=$(grep -o '"inputs":\[{"name":"[^"]*"' out | cut -d'"' -f6)
shape=$(grep -o '"shape":\[[0-9,]*\]' out | head -1 | tr -dc '0-9,')

# npy DESCR SHAPE BYTES: a .npy file of zeroes with this header.
npy() {
    local header="{'descr': '$1', 'fortran_order': False, 'shape': ($2,), }"
    printf '\x93NUMPY\x01\x00'
    printf "\\x$(printf %02x $((${#header} % 256)))\\x$(printf %02x $((${#header} / 256)))"
    printf '%s' "$header"
    head -c "$3" /dev/zero
}
bytes=$((4 * ${shape//,/*}))
npy '<f4' "$shape" "$bytes" >x.npy
expect 0 run "$MODEL" --input "$input=x.npy" --output a --json
prints '"outputs":[{"name":"'
expect 0 run "$MODEL" --input x.npy --output b
checks=$((checks + 1))
diff -r a b >/dev/null || fail "two runs differ"
expect 0 run "$MODEL" -i x.npy -o c --reference

# Shapes that depend on the data, and a value that is not finite: Log of zeroes.
npy '<f4' "1,4" 16 >zeroes.npy
expect 0 run "$SOURCE/tests/onnx/tail.onnx" -i zeroes.npy -o t --dump-all --stats
prints "first NaN or infinity: log (Log), in 'a'"
prints "infinite 4"
prints "t/found.npy  int64 2x0"
expect 0 run "$SOURCE/tests/onnx/tail.onnx" -i zeroes.npy -o u --json
prints '"shape":[2,0]'

npy '<f8' "$shape" $((2 * bytes)) >double.npy
refuses 2 "float64" run "$MODEL" --input double.npy --output n
npy '<f4' "1,3,8,8" $((4 * 3 * 64)) >small.npy
refuses 2 "1x3x8x8" run "$MODEL" --input small.npy --output n
refuses 2 "is missing" run "$MODEL" --output n
refuses 2 "has no input 'other'" run "$MODEL" --input other=x.npy --output n
refuses 2 "given twice" run "$MODEL" --input "$input=x.npy" --input "$input=x.npy" --output n
refuses 2 "has only 1 inputs" run "$MODEL" --input x.npy --input x.npy --output n
refuses 5 "none.npy" run "$MODEL" --input none.npy --output n
head -c 100 x.npy >cut.npy
refuses 5 "cut.npy" run "$MODEL" --input cut.npy --output n
absent n
refuses 1 "x.npy/o" run "$MODEL" --input x.npy --output x.npy/o
finish
