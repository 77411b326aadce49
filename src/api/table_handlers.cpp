// What works on the whole table: the sweep at once, export and import.
#include <boost/json/array.hpp>

#include "api/handlers.hpp"
#include "api/import_body.hpp"
#include "wire/export_line.hpp"
#include "wire/nearest.hpp"
#include "wire/stack_document.hpp"

namespace bddlock::api {
namespace {

constexpr const char* ndjson = "application/x-ndjson";
constexpr std::size_t export_page_stacks = 500;

std::string lines_of(const service::StackPage& page) {
  std::string out;
  for (const core::Stack& stack : page.items) {
    out += wire::export_line(stack);
    out += '\n';
  }
  return out;
}

service::StackQuery page_after(std::optional<core::StackName> after) {
  service::StackQuery query;
  query.after = std::move(after);
  query.limit = export_page_stacks;
  return query;
}

using Piece = std::move_only_function<void(core::Result<std::string>)>;

// Hands over the lines of the next page that has any: an empty piece would be the end.
void pull(service::Service& service, std::shared_ptr<std::optional<core::StackName>> next,
          Piece give) {
  if (!*next) return give(std::string{});
  const service::StackQuery query = page_after(*next);
  service.list(query, [&service, next = std::move(next),
                       give = std::move(give)](core::Result<service::StackPage> page) mutable {
    if (!page) return give(std::unexpected(page.error()));
    *next = std::move(page->next_after);
    std::string lines = lines_of(*page);
    if (lines.empty()) return pull(service, std::move(next), std::move(give));
    give(std::move(lines));
  });
}

Response export_response(service::Service& service, service::StackPage first) {
  Response response = json(200, lines_of(first));
  response.content_type = ndjson;
  if (first.next_after) {
    auto next = std::make_shared<std::optional<core::StackName>>(std::move(first.next_after));
    response.more = [&service, next = std::move(next)](Piece give) {
      pull(service, next, std::move(give));
    };
  }
  return response;
}

Response names_exist_response(const service::NamesExist& exist) {
  boost::json::array names;
  for (const core::StackName& name : exist.names) names.emplace_back(name.text());
  std::string detail = std::to_string(names.size()) + " of the stacks ";
  detail += names.size() == 1 ? "is" : "are";
  detail += " in the table already, ";
  detail += "such as " + wire::quoted(exist.names.front().text());
  detail += exist.imported_before == 0 ? "; nothing was imported"
                                       : "; " + std::to_string(exist.imported_before) +
                                             " others were imported before that";
  detail += "; ?replace=true replaces them";
  return problem(Code::stack_exists, detail, {{"stackNames", std::move(names)}});
}

Response imported_response(const service::ImportAnswer& outcome) {
  if (const auto* exist = std::get_if<service::NamesExist>(&outcome)) {
    return names_exist_response(*exist);
  }
  const auto& imported = std::get<service::Imported>(outcome);
  return json(200, wire::to_text(wire::ImportCounts{imported.created, imported.replaced}));
}

}  // namespace

void sweep(Call call) {
  call.service.sweep(answer<service::SweepCounts>(call, [](const service::SweepCounts& counts) {
    return json(200, wire::to_text(wire::Swept{counts.released, counts.expired, counts.holds_ended,
                                               counts.removed}));
  }));
}

// The first page is read before the answer begins, so that a store that fails is still a 503.
void export_table(Call call) {
  service::Service& service = call.service;
  service.list(page_after({}),
               answer<service::StackPage>(call, [&service](service::StackPage first) {
                 return export_response(service, std::move(first));
               }));
}

void import_table(Call call) {
  const auto replace = call.query.boolean("replace", false);
  if (!replace) return call.respond.fail(Code::invalid_request, replace.error());
  auto stacks = parse_import(call.body, call.options.now());
  if (!stacks) {
    const auto& [line, what] = stacks.error();
    return call.respond(problem(
        Code::invalid_request,
        "line " + std::to_string(line) + ": " + what + "; nothing was imported", {{"line", line}}));
  }
  call.service.import(std::move(*stacks), *replace,
                      answer<service::ImportAnswer>(call, imported_response));
}

}  // namespace bddlock::api
