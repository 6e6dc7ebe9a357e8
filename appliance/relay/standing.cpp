#include "relay/standing.h"

#include <utility>

namespace postern::relay {

std::string describe(Standing const& standing) {
    using Why = Standing::Why;
    switch (standing.why) {
    case Why::next: return {};
    case Why::no_link:
    case Why::put_off:
    case Why::relay_refuses: return standing.detail;
    case Why::no_relay: return "no relay takes mail for there: `postern relay add` names one";
    case Why::link_held: return "all mail for outside is held: `postern link auto` lets it go";
    case Why::schedule: return "the link is not used at this hour: `link.schedule` says when";
    case Why::budget: return "what may go over the link is used up: `postern link show` says how much that is";
    case Why::too_large_for_link:
        return "it is too large for a metered link, or for what is left of its budget: `postern link show`";
    case Why::held: return "an administrator holds it: `postern queue release` lets it go";
    case Why::scheduled: return "its sender wants it to leave later";
    case Why::withdrawn: return "its sender marked it as deleted among what waits";
    }
    std::unreachable();
}

} // namespace postern::relay
