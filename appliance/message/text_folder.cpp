#include "message/text_folder.h"

#include "text/casemap.h"

#include <utility>

namespace postern::message {
namespace {

constexpr std::size_t marks_limit = 16 * 1024; // octets of marks that are kept until what they stand with has ended

} // namespace

void TextFolder::feed(std::string_view utf8, std::string& folded) {
    std::string joined; // nearly always there is nothing to join: a piece ends in ASCII, or is long
    if (!pending_.empty()) {
        joined = std::exchange(pending_, {});
        joined += utf8;
        utf8 = joined;
    }
    std::size_t const certain = text::casemap_boundary(utf8);
    std::size_t const end = utf8.size() - certain > marks_limit ? utf8.size() : certain;
    text::append_casemap(utf8.substr(0, end), folded);
    pending_ = utf8.substr(end);
}

void TextFolder::finish(std::string& folded) {
    text::append_casemap(pending_, folded);
    pending_.clear();
}

} // namespace postern::message
