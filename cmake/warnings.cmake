# One target that every target of ours links; each flag says why it is here.
add_library(lastgood_warnings INTERFACE)
target_compile_options(
  lastgood_warnings
  INTERFACE
    -Wall -Wextra        # the field's baseline
    -Wpedantic           # both compilers must take the code, so no private extensions
    -Wshadow             # a shadowed variable in a state machine is a wrong state
    -Wconversion         # protocol words are narrow; every narrowing is written out
    -Wsign-conversion    # the same for signs
    -Wnon-virtual-dtor   # seams are deleted through their interface
    -Woverloaded-virtual # a seam's method that is hidden instead of overridden is never called
    -Wunused             # dead code goes
    -Wformat=2)          # format strings are literals
if(LASTGOOD_WERROR)
  target_compile_options(lastgood_warnings INTERFACE -Werror)
endif()
