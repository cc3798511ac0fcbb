// models: strata's side of the table. Measures one cell and prints it as a line of JSON.
#include "work.hpp"

#include <exception>

int main(int argc, char** argv) {
  const bench::Cell cell = bench::parse(argc, argv);
  const struct {
    const char* model;
    bool (*run)(const bench::Cell&);
  } models[] = {{"R1", bench::run_r1},
                {"R2", bench::run_r2},
                {"R5", bench::run_r5},
                {"R6", bench::run_r6},
                {"R13", bench::run_r13}};
  try {
    for (const auto& known : models)
      if (cell.model == known.model && known.run(cell)) return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "models: %s\n", error.what());
    return 1;
  }
  bench::usage(argv[0], ("no cell of model " + cell.model + ", work " + cell.work).c_str());
}
