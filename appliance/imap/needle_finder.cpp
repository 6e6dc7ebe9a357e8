#include "imap/needle_finder.h"

#include <algorithm>
#include <utility>

namespace postern::imap {

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
    auto const before = folded_.size();
    folder_.feed(utf8, folded_);
    if (folded_.size() > before) look();
}

void NeedleFinder::end_text() {
    folder_.finish(folded_);
    if (!found_all()) look();
    folded_.clear();
}

void NeedleFinder::look() {
    for (std::size_t at = 0; at < needles_.size(); ++at)
        if (!found_[at] && folded_.contains(needles_[at])) {
            found_[at] = true;
            --missing_;
        }
    if (folded_.size() >= longest_) folded_.erase(0, folded_.size() - (longest_ - 1));
}

} // namespace postern::imap
