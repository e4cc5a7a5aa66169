# What nearly every file includes, compiled once: about a third of a build's time. Only for developers and CI: a file that
# forgets an include would not be noticed, so the builds for users (and the one in tests/trixie) go without.

# lastgood_precompiled(NAME LIBRARIES library... HEADERS header...): something that other targets' precompiled headers are
# taken from, by lastgood_use_precompiled(TARGET NAME).
function(lastgood_precompiled name)
  cmake_parse_arguments(ARG "" "" "LIBRARIES;HEADERS" ${ARGN})
  if(NOT LASTGOOD_PCH)
    return()
  endif()
  file(GENERATE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cc CONTENT "// Only carries the precompiled header.\n")
  add_library(${name} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${name}.cc)
  target_link_libraries(${name} PRIVATE lastgood_warnings ${ARG_LIBRARIES})
  target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
  # Without these a compiler cache could not tell whether a precompiled header is still the same.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${name} PRIVATE -fpch-preprocess)
  else()
    target_compile_options(${name} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()

function(lastgood_use_precompiled target name)
  if(TARGET ${name})
    target_precompile_headers(${target} REUSE_FROM ${name})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      # GCC 12 takes the standard library's code for ours once it is precompiled, and warns of what is not so in it
      # (std::string and operator+, GCC bug 105329).
      target_compile_options(${target} PRIVATE -fpch-preprocess -Wno-array-bounds -Wno-restrict
                                               -Wno-stringop-overflow -Wno-stringop-overread)
    endif()
  endif()
endfunction()
