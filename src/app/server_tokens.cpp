#include "app/server_tokens.hpp"

namespace bddlock::app {

std::expected<std::vector<std::string>, ServerTokens::Complaint> ServerTokens::first(
    const cli::ServeOptions& options) {
  using cli::ExitCode;
  TokensRead values;
  auto code = ExitCode::usage;
  if (!options.auth_token_file.empty()) {
    file_.emplace(options.auth_token_file);
    values = file_->read();
  } else if (!options.auth_token_ssm_parameter.empty()) {
    auto opened =
        open_token_parameter(options.auth_token_ssm_parameter, options.auth_token_ssm_interval);
    if (!opened) return std::unexpected(Complaint{code, std::move(opened.error())});
    parameter_.emplace(std::move(*opened));
    values = parameter_->read(clock_.now());
    code = ExitCode::unavailable;
  } else if (!options.auth_tokens.empty()) {
    values = api::parse_tokens(options.auth_tokens);
    if (!values) values = std::unexpected("BDD_LOCK_TABLE_AUTH_TOKEN: " + values.error());
  }
  if (!values) return std::unexpected(Complaint{code, std::move(values.error())});
  return std::move(*values);
}

std::expected<std::unique_ptr<ServerTokens>, ServerTokens::Complaint> ServerTokens::read(
    const cli::ServeOptions& options, service::Clock& clock, Log& log) {
  std::unique_ptr<ServerTokens> tokens(new ServerTokens(clock, log));
  const auto values = tokens->first(options);
  if (!values) return std::unexpected(values.error());
  tokens->set_.replace(*values);
  return tokens;
}

std::vector<std::string> ServerTokens::warnings() const {
  std::vector<std::string> all;
  if (file_)
    if (auto warning = file_->warning()) all.push_back(std::move(*warning));
  if (parameter_)
    if (auto warning = parameter_->warning()) all.push_back(std::move(*warning));
  return all;
}

void ServerTokens::watch() {
  if (!parameter_) return;
  watch_.emplace(
      *parameter_, [this] { return clock_.now(); },
      [this](TokensRead read) { replace(std::move(read)); });
}

void ServerTokens::look() {
  if (!file_) return;
  if (auto changed = file_->changed()) replace(std::move(*changed));
}

void ServerTokens::replace(TokensRead read) {
  if (!read) {
    log_.write(clock_.now(), Level::error, "tokens_not_read",
               {{"detail", read.error()}, {"kept", "the tokens that were valid before"}});
    return;
  }
  set_.replace(*read);
  log_.write(clock_.now(), Level::info, "tokens_replaced",
             {{"tokens", static_cast<std::int64_t>(read->size())}});
}

}  // namespace bddlock::app
