# Writes a C++ source that defines a string_view with a file's text:
#   cmake -DINPUT=... -DOUTPUT=... -DHEADER=api/x.hpp -DNAMESPACE=bddlock::api -DNAME=x -P embed_text.cmake
file(READ "${INPUT}" text)
string(LENGTH "${text}" length)
set(pieces "")
set(at 0)
# In pieces, because compilers limit the length of one literal.
while(at LESS length)
  string(SUBSTRING "${text}" ${at} 8000 piece)
  string(APPEND pieces "R\"EMBEDDED(${piece})EMBEDDED\"\n")
  math(EXPR at "${at} + 8000")
endwhile()
file(WRITE "${OUTPUT}" "#include \"${HEADER}\"\n\n"
     "const std::string_view ${NAMESPACE}::${NAME} =\n${pieces};\n")
