#include "store/headroom.h"

#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace postern::store {

Headroom::Headroom(Environment const& environment)
    : environment_(environment), used_(environment.extent().used), end_(environment.extent().size) {}

void Headroom::renew(std::uint64_t spare) {
    auto const extent = environment_.extent();
    // Whoever takes in large bodies would have each octet written twice, to save a flush that is small beside them.
    bool const grows_fast = extent.used - std::exchange(used_, extent.used) > large_growth;
    if (grows_fast || extent.used + large_growth <= end_) return;
    auto const begin = std::max(extent.used, extent.size);
    end_ = std::min(extent.used + step, extent.limit);
    if (end_ <= begin || spare < end_ - begin) return;

    // Page by page, as the page cache will be asked to keep them: larger pieces become larger folios there, and a page
    // changed later counts as all of its folio.
    std::vector<char> const zeros(environment_.page_size());
    for (auto at = begin; at < end_; at += zeros.size())
        if (std::cmp_not_equal(::pwrite(environment_.file(), zeros.data(), zeros.size(), static_cast<off_t>(at)),
                               zeros.size()))
            return;
}

} // namespace postern::store
