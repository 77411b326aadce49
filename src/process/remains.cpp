#include "process/remains.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace bddlock::process {

namespace {

bool has_children() {
  siginfo_t found{};
  return waitid(P_ALL, 0, &found, WEXITED | WNOHANG | WNOWAIT) == 0;
}

std::vector<Entry> members_in(const std::vector<Entry>& table, pid_t group) {
  std::vector<Entry> members;
  for (const Entry& entry : table) {
    if (entry.is_alive() && entry.group == group) members.push_back(entry);
  }
  return members;
}

// Zombies alone, or one that makes a new process and ends, again and again, while the table is
// read. A signal to the group reaches all of it at once, and a process that has one to take cannot
// fork.
std::vector<Entry> members_held_still(pid_t group) {
  kill(-group, SIGSTOP);
  auto members = members_in(process_table(), group);
  if (!members.empty()) kill(-group, SIGCONT);
  return members;
}

std::vector<Entry> strays_in(const std::vector<Entry>& table, pid_t group,
                             const std::vector<pid_t>& others) {
  std::vector<Entry> strays;
  for (const Entry& entry : table) {
    const bool is_other = std::ranges::find(others, entry.pid) != others.end();
    if (entry.is_alive() && entry.parent == getpid() && entry.group != group && !is_other)
      strays.push_back(entry);
  }
  return strays;
}

bool has_live_child(const std::vector<Entry>& table) {
  return std::ranges::any_of(
      table, [](const Entry& entry) { return entry.is_alive() && entry.parent == getpid(); });
}

}  // namespace

bool has_processes(pid_t group) { return kill(-group, 0) == 0 || errno == EPERM; }

std::vector<std::string> Remains::names() const {
  std::vector<std::string> all;
  for (const auto* list : {&members, &strays}) {
    for (const Entry& entry : *list)
      all.push_back(std::to_string(entry.pid) + " (" + entry.name + ")");
  }
  return all;
}

Remains remains_of(pid_t group, const std::vector<pid_t>& others) {
  Remains remains;
  remains.has_group = has_processes(group);
  const bool has_child = has_children();
  if (!remains.has_group && !has_child) return remains;
  const auto table = process_table();
  if (table.empty()) return remains;
  remains.members = members_in(table, group);
  if (remains.has_group && remains.members.empty()) remains.members = members_held_still(group);
  remains.has_group = !remains.members.empty();
  remains.strays = strays_in(table, group, others);
  remains.is_sure = !has_child || has_live_child(table);
  return remains;
}

}  // namespace bddlock::process
