#!/bin/sh
# Fetches what package-lock.json pins, and copies what an exported web page carries; a test holds the sums.
set -eu
cd "$(dirname "$0")"
target=../../mnist_core/engine/web
npm ci --ignore-scripts --no-audit --no-fund
cp node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs "$target"
gzip -9nc node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm > "$target/ort-wasm-simd-threaded.wasm.gz"
rm -rf node_modules
cd "$target"
sha256sum ort.wasm.bundle.min.mjs ort-wasm-simd-threaded.wasm.gz > SHA256SUMS
