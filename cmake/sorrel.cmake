# sorrel_library(<folder> SOURCES ... DEPENDS <folders> LINK <external targets>)
# The DEPENDS list is the layer diagram: .ci/layers checks the #include lines, and the list itself,
# against the table in docs/architecture.md.
function(sorrel_library name)
  cmake_parse_arguments(A "" "" "SOURCES;DEPENDS;LINK" ${ARGN})
  add_library(sorrel_${name} STATIC ${A_SOURCES})
  add_library(sorrel::${name} ALIAS sorrel_${name})
  list(TRANSFORM A_DEPENDS PREPEND sorrel::)
  target_link_libraries(sorrel_${name} PUBLIC ${A_DEPENDS} sorrel_options PRIVATE ${A_LINK})
endfunction()

# sorrel_test(<name> SOURCES ... DEPENDS <folders> LINK <external targets>): one program a folder.
function(sorrel_test name)
  cmake_parse_arguments(A "" "" "SOURCES;DEPENDS;LINK" ${ARGN})
  add_executable(test_${name} ${A_SOURCES})
  list(TRANSFORM A_DEPENDS PREPEND sorrel::)
  target_link_libraries(test_${name} PRIVATE ${A_DEPENDS} ${A_LINK} sorrel_options sorrel_test_main)
  set_target_properties(test_${name} PROPERTIES SORREL_IS_TEST ON)
  target_compile_definitions(test_${name} PRIVATE SORREL_TEST_DIR="${PROJECT_SOURCE_DIR}/tests")
  catch_discover_tests(test_${name} TEST_PREFIX "${name}: ")
endfunction()

# sorrel_asio_sources(<files>): of the folder, those that have coroutines of Asio's. Its fences are
# not understood by ThreadSanitizer: g++ says so, as an error here. clang 14 cannot assemble a
# coroutine with -fsanitize=function ("Cannot represent a difference across sections").
function(sorrel_asio_sources)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND SORREL_SANITIZE STREQUAL "thread")
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS -Wno-tsan)
  elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND SORREL_SANITIZE MATCHES "undefined")
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS -fno-sanitize=function)
  endif()
endfunction()
