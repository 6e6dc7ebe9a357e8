#include "relay/settlement.h"

#include "core/log.h"

#include <algorithm>
#include <utility>

namespace postern::relay {

using namespace std::chrono_literals;
using core::Event;
using core::number;
using store::QueueItem;

namespace {

// After a message's transfer was cut. The link's fault, most likely; but a message that a relay chokes on must not keep
// the others from it.
std::chrono::seconds cut_pause(unsigned cuts) {
    constexpr std::chrono::seconds first{5}, longest{300};
    return cuts < 2 ? 0s : std::min(first * (1 << std::min(cuts, 10U)), longest);
}

void report(Event event, QueueItem const& item, Answerer const& by, Outcome const& outcome) {
    core::log(event, {{"item", number(item.id)},
                      {"message", number(item.message)},
                      {"to", item.recipient},
                      {"relay", by.relay},
                      {"reply", outcome.said}});
}

} // namespace

void Settlement::give_back(NoticeKind kind, QueueItem const& item, Outcome const& outcome, Answerer const& by) {
    report(Event::message_returned, item, by, outcome);
    returned.push_back(item.id);
    notices.push_back({kind, item, outcome.said, outcome.status, by.host});
}

Settlement settle(std::vector<QueueItem> items, std::vector<Outcome> const& outcomes, Answerer const& by,
                  core::LinkTime now, policy::RetryRules const& rules, double chance) {
    Settlement settlement;
    auto const tell = [&](NoticeKind kind, QueueItem const& item, Outcome const& outcome) {
        settlement.notices.push_back({kind, item, outcome.said, outcome.status, by.host, outcome.relay_tells});
    };
    for (std::size_t at = 0; at < outcomes.size(); ++at) {
        QueueItem& item = items[at];
        Outcome const& outcome = outcomes[at];
        item.under_way = false;
        switch (outcome.verdict) {
        case Verdict::delivered:
            report(Event::message_sent, item, by, outcome);
            settlement.sent.push_back(item.id);
            // RFC 2852 §4.1.4, §4.2: who wants it there in time hears of a relay that knows nothing of that, and of any
            // who asked for a trace.
            if (item.transfer.deliver_by != store::WallTime{} && (item.transfer.trace || !outcome.keeps_time))
                tell(NoticeKind::relayed_timed, item, outcome);
            // RFC 3461 §5.2.2: who asked to hear of success hears of it from us where the relay will not tell.
            else if (!outcome.relay_tells)
                tell(NoticeKind::relayed, item, outcome);
            continue;
        case Verdict::refused: settlement.give_back(NoticeKind::failed, item, outcome, by); continue;
        case Verdict::unsent: break;
        case Verdict::cut:
            ++item.cuts;
            item.next_attempt = now + cut_pause(item.cuts);
            break;
        case Verdict::refused_for_now:
            ++item.attempts;
            item.last_reply = outcome.said;
            item.next_attempt = now + policy::backoff(item.attempts, outcome.said, rules, chance);
            switch (policy::patience({item.since, item.delay_told}, now, rules)) {
            case policy::Patience::wait: break;
            case policy::Patience::tell_delay:
                item.delay_told = true;
                tell(NoticeKind::delayed, item, outcome);
                break;
            case policy::Patience::give_up: settlement.give_back(NoticeKind::expired, item, outcome, by); continue;
            }
            report(Event::message_deferred, item, by, outcome);
            break;
        }
        if (outcome.in_doubt) report(Event::message_in_doubt, item, by, outcome);
        settlement.waiting.push_back(std::move(item));
    }
    return settlement;
}

} // namespace postern::relay
