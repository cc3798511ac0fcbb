// Compiles what compiled_once.hpp promises.
#include <layers/check_group.hpp>

namespace layer_test {

template class GroupMemory<strata::cpu::GroupArgs>;
template void check_batches<GroupRun>(const Group&, std::initializer_list<int>, bool, References (*)(const Position&));

}  // namespace layer_test
