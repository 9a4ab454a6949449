#: layers                     checks that no folder includes or links what is above it

cmd_layers() {
  need test
  .ci/layers
}
