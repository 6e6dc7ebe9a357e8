#include "imap/needle_finder.h"

#include "text/ascii.h"
#include "text/casemap.h"

#include <algorithm>
#include <utility>

namespace postern::imap {

namespace {

constexpr std::size_t piece_octets = 16 * 1024; // folded at a time

} // namespace

NeedleFinder::NeedleFinder(std::vector<std::string> needles) : needles_(std::move(needles)), found_(needles_.size()) {
    for (std::size_t at = 0; at < needles_.size(); ++at) {
        longest_ = std::max(longest_, needles_[at].size());
        if (needles_[at].empty())
            found_[at] = true;
        else
            ++missing_;
    }
}

void NeedleFinder::feed(std::string_view utf8) {
    if (found_all()) return;
    pending_ += utf8;
    if (pending_.size() < piece_octets) return;
    // Folding may reorder accents that follow a character: cut where none can follow, before an ASCII character.
    auto const ascii = std::ranges::find_if(pending_.rbegin(), pending_.rend(), text::is_ascii);
    std::size_t const end =
        ascii == pending_.rend() ? pending_.size() : static_cast<std::size_t>(pending_.rend() - ascii) - 1;
    look(std::string_view(pending_).substr(0, end));
    pending_.erase(0, end);
}

void NeedleFinder::end_text() {
    if (!found_all()) look(pending_);
    pending_.clear();
    folded_.clear();
}

void NeedleFinder::look(std::string_view utf8) {
    text::append_casemap(utf8, folded_);
    for (std::size_t at = 0; at < needles_.size(); ++at)
        if (!found_[at] && folded_.contains(needles_[at])) {
            found_[at] = true;
            --missing_;
        }
    if (folded_.size() >= longest_) folded_.erase(0, folded_.size() - (longest_ - 1));
}

} // namespace postern::imap
