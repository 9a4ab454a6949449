#: layers                     checks that no folder includes or links what is above it

cmd_layers() { .ci/layers; }
