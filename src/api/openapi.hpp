// The API as an OpenAPI 3.1 document: src/api/openapi.json, put into the program at build.
#pragma once

#include <string_view>

namespace bddlock::api {

extern const std::string_view openapi_document;

}  // namespace bddlock::api
