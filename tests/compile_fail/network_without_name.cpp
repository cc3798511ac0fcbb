// A long network whose Seq has no name.
// expect: Place<18>
// expect: Conv<512, 3, Same, ReLU>
// expect: Conv<512, 3, Same>::error::image_expected_but_a_vector_is_given
// expect: Vector<4096>
#include <strata/strata.hpp>

using namespace strata;

using Net =
    Network<Seq<Conv<64, 3, Same, ReLU>, Conv<64, 3, Same, ReLU>, MaxPool<2>, Conv<128, 3, Same, ReLU>,
                Conv<128, 3, Same, ReLU>, MaxPool<2>, Conv<256, 3, Same, ReLU>, Conv<256, 3, Same, ReLU>,
                Conv<256, 3, Same, ReLU>, MaxPool<2>, Conv<512, 3, Same, ReLU>, Conv<512, 3, Same, ReLU>,
                Conv<512, 3, Same, ReLU>, MaxPool<2>,
#ifndef STRATA_TWIN
                Dense<4096, ReLU>, Dropout<50>, Dense<4096, ReLU>,
#endif
                Conv<512, 3, Same, ReLU>, Conv<512, 3, Same, ReLU>, Conv<512, 3, Same, ReLU>, Dropout<50>, Softmax<10>>,
            Input<32, 32, 3>>;

#include "program.hpp"
