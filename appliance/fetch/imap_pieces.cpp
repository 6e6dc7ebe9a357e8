// Messages in pieces, several of which are asked for at a time.
#include "fetch/imap_provider.h"
#include "wire/imap_request.h"

#include <algorithm>
#include <utility>

namespace postern::fetch {

namespace imap = wire::imap;
using wire::imap::Condition;
using wire::imap::FetchReply;
using wire::imap::ReplyReading;

// What was asked for may have been asked for while something came that nobody asked for.
bool ImapProvider::yields(Wanted const& one) const {
    return one_by_one_ && (news_ || (one.is_original && !one.is_asked && intake_.outdated()));
}

asio::awaitable<std::optional<Failure>> ImapProvider::fetch(std::vector<Wanted> wanted) {
    for (Wanted& one : wanted) {
        one.doubtful = !one.is_original && intake_.doubts() && one.uid < intake_.mailbox().doubtful;
        if (auto const* const begun = intake_.find(id_of(one.uid))) one.asked = begun->octets();
    }
    while (true) {
        ask(wanted);
        if (requests_.empty()) break;
        auto const read = co_await next("in the middle of a message");
        if (!read) co_return read.error();
        std::optional<Failure> failure;
        if (read->outcome == ReplyReading::body)
            failure = co_await take_octets(read->fetch, std::exchange(octets_, {}));
        else if (auto const* fetch = std::get_if<FetchReply>(&read->reply); fetch != nullptr && fetch->has_body)
            failure = co_await end_piece(*fetch, wanted);
        else if (auto const* status = std::get_if<Status>(&read->reply); status != nullptr && !status->tag.empty())
            failure = end_request(*status, wanted);
        if (failure) co_return failure;
    }
    for (Wanted const& one : wanted) {
        if (!one.is_gone) continue;
        if (intake_.survey) intake_.survey->remove(one.uid);
        if (one.is_original)
            if (auto failure = co_await intake_.lose(id_of(one.uid))) co_return failure;
    }
    co_return std::nullopt;
}

// As much as the window allows: the messages in their order, and of each what is not asked for yet. Of one that is
// doubtful its beginning first.
void ImapProvider::ask(std::vector<Wanted>& wanted) {
    for (Wanted& one : wanted) {
        while (!one.over && !yields(one) && (one.asked < one.size || one.requests == 0) &&
               !(one.doubtful && one.requests > 0)) {
            if (requests_.size() >= most_requests || in_flight_ >= window) return;
            auto const octets = std::min<std::uint64_t>(one.size > one.asked ? one.size - one.asked : 1, piece_octets);
            (void)intake_.arrival({.id = id_of(one.uid), .internal_date = one.internal_date}, bringer());
            requests_.push_back({.tag = tag(), .uid = one.uid, .offset = one.asked, .octets = octets});
            connection_.queue(imap::request::piece(requests_.back().tag, one.uid, one.asked, piece_octets));
            one.asked += octets;
            ++one.requests;
            in_flight_ += octets;
        }
    }
}

// Octets of a message; those that do not come next, from a provider that answers otherwise than it is asked, are left
// out, and asked for again.
asio::awaitable<std::optional<Failure>> ImapProvider::take_octets(FetchReply const& fetch, std::string octets) {
    if (fetch.body_octets > piece_octets)
        co_return failed(Trouble::refused, "it sends more of a message than it was asked for");
    if (!fetch.uid) {
        early_octets_ += octets;
        co_return std::nullopt;
    }
    auto* const arrival = intake_.find(id_of(*fetch.uid));
    if (!std::exchange(streaming_, true)) accepted_ = arrival != nullptr && fetch.origin == arrival->octets();
    if (accepted_ && arrival != nullptr) co_await arrival->append(std::move(octets));
    co_return std::nullopt;
}

asio::awaitable<std::optional<Failure>> ImapProvider::end_piece(FetchReply const& fetch, std::vector<Wanted>& wanted) {
    auto const octets = fetch.body_octets + fetch.quoted_body.size();
    if (auto early = std::exchange(early_octets_, {}) + fetch.quoted_body; !early.empty() && fetch.uid)
        if (auto failure = co_await take_octets(fetch, std::move(early))) co_return failure;
    bool const accepted = std::exchange(accepted_, false);
    streaming_ = false;
    auto const request = std::ranges::find_if(requests_, [&](Request const& one) {
        return one.uid == fetch.uid && one.offset == fetch.origin && !one.answered;
    });
    if (request == requests_.end()) co_return std::nullopt; // nobody asked
    request->answered = true;
    Wanted& one = *std::ranges::lower_bound(wanted, request->uid, {}, &Wanted::uid);
    auto* const arrival = intake_.find(id_of(one.uid));
    if (one.over || arrival == nullptr) co_return std::nullopt;
    one.progressed = one.progressed || (accepted && octets > 0);
    one.asked = std::max(one.asked, fetch.origin + octets);
    if (auto const refusal = arrival->refusal()) {
        one.over = true;
        intake_.refuse(id_of(one.uid), *refusal);
        co_return std::nullopt;
    }
    // A piece that is short is the end, unless the provider said that there is more: then it is one without octets.
    bool const in_order = fetch.origin + octets == arrival->octets();
    bool const last = octets == 0 || (octets < piece_octets && arrival->octets() >= one.size);
    if (in_order && last) co_return co_await end_message(one, *arrival);
    if (one.doubtful && arrival->mark()) {
        one.doubtful = false;
        one.over = intake_.is_stale(*arrival->mark());
        if (one.over) co_return co_await intake_.recognise(id_of(one.uid), *arrival->mark());
    }
    co_return std::nullopt;
}

asio::awaitable<std::optional<Failure>> ImapProvider::end_message(Wanted& one, Arrival& arrival) {
    one.over = true;
    auto const id = id_of(one.uid);
    if (arrival.octets() == 0 && one.size > 0) {
        intake_.refuse(id, {.reason = "its provider gives nothing of it"});
        co_return std::nullopt;
    }
    if (auto failure = co_await intake_.finish(id)) co_return failure;
    if (intake_.is_taken(id)) fetched_now_.add(one.uid);
    co_return std::nullopt;
}

std::optional<Failure> ImapProvider::end_request(Status const& status, std::vector<Wanted>& wanted) {
    auto const request = std::ranges::find(requests_, status.tag, &Request::tag);
    if (request == requests_.end()) return std::nullopt;
    bool const answered = request->answered;
    Wanted& one = *std::ranges::lower_bound(wanted, request->uid, {}, &Wanted::uid);
    in_flight_ -= request->octets;
    --one.requests;
    requests_.erase(request);
    if (one.over) return std::nullopt;
    auto const id = id_of(one.uid);
    if (status.condition != Condition::ok) {
        one.over = true;
        intake_.refuse(id, {.reason = "its provider answers: " + status.text});
    } else if (!answered) {
        one.over = one.is_gone = true;
        intake_.drop(id);
    } else if (one.requests == 0) {
        auto const* const arrival = intake_.find(id);
        if (!std::exchange(one.progressed, false) || arrival == nullptr)
            return failed(Trouble::refused, "it sends something else of a message than it was asked for");
        one.asked = arrival->octets();
    }
    return std::nullopt;
}

} // namespace postern::fetch
