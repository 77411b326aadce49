#include "aws/profile.hpp"

#include "net/text.hpp"

namespace bddlock::aws {
namespace {

constexpr std::string_view white_space = " \t\r";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(white_space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(white_space) - begin + 1);
}

// A comment may stand behind a value, after white space.
std::string_view without_comment(std::string_view value) {
  for (const std::string_view mark : {" #", " ;", "\t#", "\t;"})
    value = value.substr(0, value.find(mark));
  return trimmed(value);
}

// "[profile  ci]" is the section "profile ci".
std::optional<std::string> section_name(std::string_view line) {
  const auto end = line.find(']');
  if (!line.starts_with('[') || end == std::string_view::npos) return std::nullopt;
  std::string name;
  std::string_view rest = trimmed(line.substr(1, end - 1));
  while (!rest.empty()) {
    const auto word = rest.substr(0, rest.find_first_of(white_space));
    name += (name.empty() ? "" : " ") + std::string(word);
    rest = trimmed(rest.substr(word.size()));
  }
  return name;
}

std::string path_of(const Surroundings& surroundings, const std::string& variable,
                    const std::string& usual) {
  const std::string home = surroundings.text("HOME");
  std::string path = surroundings.text(variable);
  if (path.starts_with("~/")) path.replace(0, 1, home);
  return path.empty() && !home.empty() ? home + usual : path;
}

std::string config_path(const Surroundings& surroundings) {
  return path_of(surroundings, "AWS_CONFIG_FILE", "/.aws/config");
}

void add_section(Profile& profile, const Surroundings& surroundings, const std::string& path,
                 const std::string& section) {
  const auto text = path.empty() ? std::nullopt : surroundings.read_file(path);
  if (!text) return;
  const Sections sections = parse_sections(*text);
  const auto found = sections.find(section);
  if (found == sections.end()) return;
  profile.is_there = true;
  for (const auto& [key, value] : found->second) profile.settings.insert_or_assign(key, value);
}

}  // namespace

Sections parse_sections(std::string_view text) {
  Sections sections;
  ProfileSettings* section = nullptr;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.empty() || white_space.find(line.front()) != std::string_view::npos ||
        line.starts_with('#') || line.starts_with(';'))
      continue;
    if (const auto name = section_name(line)) {
      section = &sections[*name];
      continue;
    }
    const auto equals = line.find('=');
    if (section == nullptr || equals == std::string_view::npos) continue;
    section->insert_or_assign(net::lowered(trimmed(line.substr(0, equals))),
                              std::string(without_comment(line.substr(equals + 1))));
  }
  return sections;
}

std::string Profile::setting(std::string_view key) const {
  const auto found = settings.find(key);
  return found == settings.end() ? "" : found->second;
}

Profile load_profile(const Surroundings& surroundings, const std::string& name) {
  Profile profile{.name = name, .is_named = true};
  add_section(profile, surroundings, config_path(surroundings),
              name == "default" ? name : "profile " + name);
  add_section(profile, surroundings,
              path_of(surroundings, "AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials"), name);
  return profile;
}

Profile load_profile(const Surroundings& surroundings) {
  std::string name = surroundings.text("AWS_PROFILE");
  if (name.empty()) name = surroundings.text("AWS_DEFAULT_PROFILE");
  Profile profile = load_profile(surroundings, name.empty() ? "default" : name);
  profile.is_named = !name.empty();
  return profile;
}

ProfileSettings load_config_section(const Surroundings& surroundings, const std::string& section) {
  Profile holder;
  add_section(holder, surroundings, config_path(surroundings), section);
  return std::move(holder.settings);
}

}  // namespace bddlock::aws
