#include "message/text_folder.h"

#include "text/casemap.h"

namespace postern::message {
namespace {

constexpr std::size_t piece_octets = 16 * 1024; // folded at a time

} // namespace

void TextFolder::feed(std::string_view utf8, std::string& folded) {
    pending_ += utf8;
    if (pending_.size() < piece_octets) return;
    std::size_t const end = text::casemap_boundary(pending_);
    text::append_casemap(std::string_view(pending_).substr(0, end), folded);
    pending_.erase(0, end);
}

void TextFolder::finish(std::string& folded) {
    text::append_casemap(pending_, folded);
    pending_.clear();
}

} // namespace postern::message
