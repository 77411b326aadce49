#include "http/exchange.hpp"

#include <utility>

namespace bddlock::http {
namespace {

constexpr std::size_t spare_max = 128;
constexpr std::size_t kept_bytes_max = 256;  // of a text: no long target stays for ever

void empty(std::string& text) {
  if (text.capacity() > kept_bytes_max)
    std::string().swap(text);
  else
    text.clear();
}

// As a new one, but for the memory of its texts.
void make_new(Exchange& used) {
  empty(used.method);
  empty(used.target);
  used.number = 0;
  used.form = {};
  used.response = {};
  used.answered = used.pulling = used.header_written = false;
  used.source.reset();
  used.piece.reset();
  used.body_bytes = 0;
}

}  // namespace

Exchange& SpareExchanges::add_to(Exchanges& to) {
  if (spare_.empty()) return to.emplace_back();
  to.splice(to.end(), spare_, spare_.begin());
  return to.back();
}

void SpareExchanges::take_from(Exchanges& from) {
  if (spare_.size() >= spare_max) return from.pop_front();
  make_new(from.front());
  spare_.splice(spare_.begin(), from, from.begin());
}

}  // namespace bddlock::http
