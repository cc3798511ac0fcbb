// The switch from one stack to another.
#pragma once

namespace simt {

/// Saves the caller's registers on its stack and the stack's pointer in *save, and goes on where `load` was saved.
extern "C" void simt_switch_context(void** save, void* load);

/// The stack pointer of a context that begins at `entry`, on a stack that ends at `top`, a multiple of 16.
void* first_context(void* top, void (*entry)());

}  // namespace simt
