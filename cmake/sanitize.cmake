# Sanitizers apply to everything that is built, libraries and tests alike.
if(LASTGOOD_SANITIZE)
  add_compile_options(-fsanitize=${LASTGOOD_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${LASTGOOD_SANITIZE})
endif()
