#include "commands.h"

int main(int argc, char** argv) {
  return sorrel::sorrelctl::test_output(argc, argv);
}
