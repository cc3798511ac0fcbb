// What tests of layers share beneath check_group, compiled once for all of them (compiled_once.cpp): half of the time
// that a small test takes to compile. tests/gpu, whose programs are one file each, has an empty stand-in.
#pragma once

namespace layer_test {

extern template class GroupMemory<strata::cpu::GroupArgs>;
extern template void check_batches<GroupRun>(const Group&, std::initializer_list<int>, bool,
                                             References (*)(const Position&));

}  // namespace layer_test
