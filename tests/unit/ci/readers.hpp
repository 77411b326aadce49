// The readers of what is exported: the shell itself, and the CIs' parsers as their sources have
// them, so that a test sees what a later step would see.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace bddlock::ci::testing {

using Read = std::map<std::string, std::string>;

// actions/runner, FileCommandManager.cs. A breach of the format is a test failure.
inline Read read_github(const std::string& text) {
  Read result;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    const auto heredoc = line.find("<<");
    EXPECT_LT(heredoc, line.find('=')) << line;
    if (heredoc == std::string::npos) break;
    const std::string delimiter = line.substr(heredoc + 2);
    std::string value;
    std::string next;
    bool is_first = true;
    bool is_closed = false;
    while (!is_closed && std::getline(lines, next)) {
      is_closed = next == delimiter;
      if (is_closed) break;
      value += (is_first ? "" : "\n") + next;
      is_first = false;
    }
    EXPECT_TRUE(is_closed) << delimiter;
    EXPECT_TRUE(result.emplace(line.substr(0, heredoc), value).second) << line;
  }
  return result;
}

inline std::string stripped(const std::string& text) {
  const auto begin = text.find_first_not_of(" \t\r\n\v\f");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(std::string(" \t\r\n\v\f\0", 7)) - begin + 1);
}

// GitLab, parse_dotenv_artifact_service.rb: /^(.*?)=(.*)$/, both stripped.
inline Read read_gitlab(const std::string& text) {
  Read result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto equals = line.find('=');
    EXPECT_NE(equals, std::string::npos) << line;
    if (equals == std::string::npos) continue;
    result[stripped(line.substr(0, equals))] = stripped(line.substr(equals + 1));
  }
  return result;
}

inline std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

// azure-pipelines-agent, Command.cs: a command is found anywhere in a line. By name and properties.
inline Read read_azure(const std::string& text) {
  Read result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto begin = line.find("##vso[task.setvariable ");
    const auto end = line.find(']', begin);
    EXPECT_NE(end, std::string::npos) << line;
    if (end == std::string::npos) continue;
    std::string data = line.substr(end + 1);
    for (const auto& [escape, plain] : std::array<std::pair<const char*, const char*>, 5>{
             {{"%3B", ";"}, {"%0D", "\r"}, {"%0A", "\n"}, {"%5D", "]"}, {"%AZP25", "%"}}})
      data = replaced(data, escape, plain);
    const auto from = begin + std::string("##vso[task.setvariable ").size();
    EXPECT_TRUE(result.emplace(line.substr(from, end - from), data).second) << line;
  }
  return result;
}

inline void append_utf8(std::string& out, unsigned point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += {static_cast<char>(0xC0 | (point >> 6)), static_cast<char>(0x80 | (point & 63))};
  } else if (point < 0x10000) {
    out += {static_cast<char>(0xE0 | (point >> 12)), static_cast<char>(0x80 | ((point >> 6) & 63)),
            static_cast<char>(0x80 | (point & 63))};
  } else {
    out += {static_cast<char>(0xF0 | (point >> 18)), static_cast<char>(0x80 | ((point >> 12) & 63)),
            static_cast<char>(0x80 | ((point >> 6) & 63)), static_cast<char>(0x80 | (point & 63))};
  }
}

// java.util.Properties.load: spaces before and behind the key, escapes, lines that go on.
inline Read read_properties(const std::string& text) {
  Read result;
  std::string line;
  unsigned high = 0;
  bool in_value = false;
  std::string name;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\n') {
      EXPECT_TRUE(in_value) << name;
      result[name] = line;
      in_value = false;
      line.clear();
    } else if (c == '=' && !in_value) {
      name = line;
      line.clear();
      in_value = true;
    } else if (c == ' ' && in_value && line.empty()) {
      continue;
    } else if (c != '\\') {
      line += c;
    } else if (text[++at] == 'u') {
      const auto unit = static_cast<unsigned>(std::stoul(text.substr(at + 1, 4), nullptr, 16));
      at += 4;
      if (unit >= 0xD800 && unit < 0xDC00) {
        high = unit;
      } else if (unit >= 0xDC00 && unit < 0xE000) {
        append_utf8(line, 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
      } else {
        append_utf8(line, unit);
      }
    } else {
      EXPECT_NE(text[at], '\n');
      line += text[at];
    }
  }
  EXPECT_EQ(line, "");
  return result;
}

// sh reads the text in with `.`, as CircleCI's bash does with BASH_ENV, and shows the variables to
// a program, each behind its name and a zero byte.
inline Read read_by_sh(const std::string& text, const std::vector<std::string>& names) {
  std::string path = "/tmp/bdd-lock-exports-XXXXXX";
  const int file = mkstemp(path.data());
  EXPECT_GE(file, 0);
  EXPECT_EQ(write(file, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  close(file);
  std::string script = ". " + path + "; env -0";
  FILE* shell = popen(script.c_str(), "r");
  std::string all;
  std::array<char, 4096> piece;
  for (std::size_t got = 0; (got = fread(piece.data(), 1, piece.size(), shell)) > 0;)
    all.append(piece.data(), got);
  EXPECT_EQ(pclose(shell), 0);
  unlink(path.c_str());
  Read result;
  for (std::size_t at = 0; at < all.size();) {
    const std::string entry = all.c_str() + at;
    at += entry.size() + 1;
    for (const std::string& name : names)
      if (entry.starts_with(name + "=")) result[name] = entry.substr(name.size() + 1);
  }
  return result;
}

}  // namespace bddlock::ci::testing
