#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "cli/claim_file.hpp"
#include "wire/json_reader.hpp"

namespace bddlock::cli {

namespace {

namespace json = boost::json;

json::object document(const KeptClaim& claim) {
  return {{"claimId", claim.claim_id},
          {"stackName", claim.stack_name},
          {"fencingToken", claim.fencing_token},
          {"expiresAt", claim.expires_at}};
}

// Reads fields and remembers the first that is missing or of another type.
class Fields {
 public:
  explicit Fields(const json::object& object) : object_(object) {}

  std::string text(std::string_view key) {
    const json::value* value = object_.if_contains(key);
    if (value != nullptr && value->is_string()) return std::string(value->get_string());
    miss(key);
    return {};
  }

  std::int64_t number(std::string_view key) {
    const json::value* value = object_.if_contains(key);
    if (value != nullptr && value->is_int64()) return value->get_int64();
    miss(key);
    return 0;
  }

  const json::array& list(std::string_view key) {
    static const json::array none;
    const json::value* value = object_.if_contains(key);
    if (value != nullptr && value->is_array()) return value->get_array();
    miss(key);
    return none;
  }

  const json::object* object(std::string_view key) {
    const json::value* value = object_.if_contains(key);
    if (value == nullptr || value->is_null()) return nullptr;
    if (!value->is_object()) miss(key);
    return value->if_object();
  }

  [[nodiscard]] const std::string& fault() const { return fault_; }

 private:
  void miss(std::string_view key) {
    if (fault_.empty()) fault_ = "has no " + std::string(key);
  }

  const json::object& object_;
  std::string fault_;
};

std::expected<KeptClaim, std::string> read_claim(const json::value& value) {
  if (!value.is_object()) return std::unexpected("has a claim that is no object");
  Fields fields(value.get_object());
  KeptClaim claim{fields.text("claimId"), fields.text("stackName"), fields.number("fencingToken"),
                  fields.text("expiresAt")};
  if (!fields.fault().empty()) return std::unexpected(fields.fault());
  return claim;
}

std::expected<std::optional<Extender>, std::string> read_extender(const json::object* object) {
  if (object == nullptr) return std::nullopt;
  Fields fields(*object);
  const std::int64_t pid = fields.number("pid");
  const std::int64_t started = fields.number("started");
  if (!fields.fault().empty()) return std::unexpected(fields.fault());
  // Signals to 0, -1 and the like would go to whole groups.
  if (pid <= 1 || pid > INT32_MAX || started < 0)
    return std::unexpected("has an extender that can be none");
  return Extender{static_cast<pid_t>(pid), static_cast<std::uint64_t>(started)};
}

}  // namespace

std::string to_text(const ClaimFile& file) {
  json::object object{{"jobKey", file.job_key},
                      {"endpoint", file.endpoint},
                      {"repoName", file.repo},
                      {"requestId", file.request_id}};
  json::array claims;
  for (const KeptClaim& claim : file.claims) claims.push_back(document(claim));
  object.emplace("claims", std::move(claims));
  if (file.extender) {
    object.emplace("extender",
                   json::object{{"pid", file.extender->pid}, {"started", file.extender->started}});
  }
  return json::serialize(object) + "\n";
}

std::expected<ClaimFile, std::string> parse_claim_file(std::string_view text) {
  const auto object = wire::parse_object(text);
  if (!object) return std::unexpected(object.error());
  Fields fields(*object);
  ClaimFile file{.job_key = fields.text("jobKey"),
                 .endpoint = fields.text("endpoint"),
                 .repo = fields.text("repoName"),
                 .request_id = fields.text("requestId")};
  for (const json::value& value : fields.list("claims")) {
    auto claim = read_claim(value);
    if (!claim) return std::unexpected(claim.error());
    file.claims.push_back(std::move(*claim));
  }
  auto extender = read_extender(fields.object("extender"));
  if (!extender) return std::unexpected(extender.error());
  file.extender = *extender;
  if (!fields.fault().empty()) return std::unexpected(fields.fault());
  return file;
}

}  // namespace bddlock::cli
