#include "core/event.hpp"

namespace bddlock::core {

std::string_view to_text(EventKind kind) {
  switch (kind) {
    case EventKind::created:
      return "created";
    case EventKind::imported:
      return "imported";
    case EventKind::claimed:
      return "claimed";
    case EventKind::offered:
      return "offered";
    case EventKind::collected:
      return "collected";
    case EventKind::released:
      return "released";
    case EventKind::expired:
      return "expired";
    case EventKind::offer_lapsed:
      return "offer_lapsed";
    case EventKind::held:
      return "held";
    case EventKind::hold_ended:
      return "hold_ended";
    case EventKind::extended:
      return "extended";
    case EventKind::disabled:
      return "disabled";
    case EventKind::disable_requested:
      return "disable_requested";
    case EventKind::enabled:
      return "enabled";
    case EventKind::described:
      return "described";
    case EventKind::removed:
      return "removed";
    case EventKind::swept:
      return "swept";
  }
  return "";
}

std::optional<EventKind> parse_event_kind(std::string_view text) {
  for (int i = 1; i <= static_cast<int>(EventKind::swept); ++i)
    if (text == to_text(static_cast<EventKind>(i))) return static_cast<EventKind>(i);
  return std::nullopt;
}

std::string_view to_text(By by) {
  switch (by) {
    case By::owner:
      return "owner";
    case By::admin:
      return "admin";
    case By::seed:
      return "seed";
    case By::time:
      return "time";
    case By::import:
      return "import";
  }
  return "";
}

std::optional<By> parse_by(std::string_view text) {
  for (int i = 1; i <= static_cast<int>(By::import); ++i)
    if (text == to_text(static_cast<By>(i))) return static_cast<By>(i);
  return std::nullopt;
}

}  // namespace bddlock::core
