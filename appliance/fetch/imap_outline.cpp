// Stubs by IMAP: of several messages at a time the header and what they consist of, then of each how its text begins.
#include "fetch/imap_provider.h"
#include "wire/imap_request.h"

#include <algorithm>
#include <utility>

namespace postern::fetch {

using wire::imap::AnnouncedPart;

namespace {

constexpr std::size_t outlines_at_a_time = 8;
constexpr std::string_view more_than_asked = "it sends more of a message than it was asked for";

// The first that is text for people, plain or else HTML; nothing: it has none.
AnnouncedPart const* text_part(std::vector<AnnouncedPart> const& parts) {
    for (std::string_view const subtype : {"plain", "html"})
        for (AnnouncedPart const& part : parts)
            if (part.type == "text" && part.subtype == subtype && !part.attachment) return &part;
    return nullptr;
}

} // namespace

asio::awaitable<std::optional<Failure>> ImapProvider::fetch_stubs(std::vector<Wanted> const& wanted) {
    auto memory = intake_.share();
    if (!memory.resize(outlines_at_a_time * (stub_header_octets + stub_text_octets))) co_return std::nullopt;
    std::span<Wanted const> rest = wanted;
    while (!rest.empty() && !news_) { // what is small and came meanwhile has its turn in the next pass
        auto const some = rest.first(std::min(outlines_at_a_time, rest.size()));
        rest = rest.subspan(some.size());
        auto outlined = co_await outline(some);
        if (!outlined) co_return outlined.error();
        if (auto failure = co_await add_texts(*outlined)) co_return failure;
        for (Outlined& one : *outlined)
            if (auto failure = co_await put_stub(std::move(one))) co_return failure;
    }
    co_return std::nullopt;
}

asio::awaitable<std::expected<std::vector<ImapProvider::Outlined>, Failure>>
ImapProvider::outline(std::span<Wanted const> wanted) {
    std::vector<Outlined> all;
    core::UidSet uids;
    for (Wanted const& one : wanted) {
        uids.add(one.uid);
        all.push_back({.wanted = one, .outline = {}, .parts = {}, .text = {}});
        all.back().outline.octets = one.size;
    }
    auto const outlines_tag = tag();
    connection_.queue(wire::imap::request::outlines(outlines_tag, uids, stub_header_octets));
    auto ended =
        co_await gather(outlines_tag, stub_header_octets, [&](wire::imap::FetchReply& fetch, std::string octets) {
            auto const one = std::ranges::find(all, *fetch.uid, [](Outlined const& each) { return each.wanted.uid; });
            if (one == all.end() || one->is_there) return;
            // One that is cut off ends with a line.
            if (octets.size() == stub_header_octets) octets.resize(octets.rfind('\n') + 1);
            one->outline.header = std::move(octets);
            one->parts = std::move(fetch.parts);
            one->is_there = true;
        });
    if (!ended) co_return std::unexpected(std::move(ended.error()));
    for (Outlined const& one : all) {
        if (one.is_there) continue;
        if (ended->condition != wire::imap::Condition::ok)
            intake_.refuse(id_of(one.wanted.uid), {.reason = "its provider answers: " + ended->text});
        else
            intake_.survey->remove(one.wanted.uid); // it is gone there
    }
    std::erase_if(all, [](Outlined const& one) { return !one.is_there; });
    co_return all;
}

asio::awaitable<std::optional<Failure>> ImapProvider::add_texts(std::vector<Outlined>& outlined) {
    std::vector<std::pair<Outlined*, std::string>> asked; // and the tags
    for (Outlined& one : outlined)
        if (auto const* const text = text_part(one.parts)) {
            asked.emplace_back(&one, tag());
            connection_.queue(
                wire::imap::request::beginning(asked.back().second, one.wanted.uid, text->section, stub_text_octets));
        }
    for (auto const& [one, text_tag] : asked)
        if (auto const ended = co_await gather(text_tag, stub_text_octets,
                                               [&](wire::imap::FetchReply& fetch, std::string octets) {
                                                   if (fetch.uid == one->wanted.uid) one->text = std::move(octets);
                                               });
            !ended)
            co_return ended.error(); // one that it refuses has no text
    co_return std::nullopt;
}

asio::awaitable<std::optional<Failure>> ImapProvider::put_stub(Outlined one) {
    auto const id = id_of(one.wanted.uid);
    if (intake_.doubts() && one.wanted.uid < intake_.mailbox().doubtful)
        if (auto const mark = mark_of(message::HeaderSection(one.outline.header)); intake_.is_stale(mark))
            co_return co_await intake_.recognise(id, mark);
    Outline& outline = one.outline;
    for (AnnouncedPart const& part : one.parts)
        outline.parts.push_back({part.type + "/" + part.subtype, part.name, part.octets});
    if (auto const* const text = text_part(one.parts)) {
        outline.goes_on = one.text.size() < text->octets;
        outline.text = beginning_of(one.text, text->encoding, text->charset, text->subtype == "html", outline.goes_on);
    }
    intake_.drop(id);
    Arrival& arrival =
        intake_.arrival({.id = id, .internal_date = one.wanted.internal_date, .stub_of = one.wanted.size}, bringer());
    co_await arrival.append(make_stub(outline));
    co_return co_await intake_.finish(id);
}

asio::awaitable<std::expected<wire::imap::StatusReply, Failure>>
ImapProvider::gather(std::string_view tag, std::uint64_t most,
                     std::function<void(wire::imap::FetchReply&, std::string octets)> const& take) {
    std::string octets;
    while (true) {
        auto read = co_await next("while we looked at large messages");
        if (!read) co_return std::unexpected(read.error());
        if (read->outcome == wire::imap::ReplyReading::body) {
            if (read->fetch.body_octets > most) co_return std::unexpected(failed(Trouble::refused, more_than_asked));
            octets += octets_;
            continue;
        }
        if (auto* const fetch = std::get_if<wire::imap::FetchReply>(&read->reply);
            fetch != nullptr && fetch->has_body) {
            octets += fetch->quoted_body;
            if (octets.size() > most) co_return std::unexpected(failed(Trouble::refused, more_than_asked));
            if (fetch->uid) take(*fetch, std::exchange(octets, {}));
            octets.clear();
        }
        auto const* const status = std::get_if<Status>(&read->reply);
        if (status != nullptr && status->tag == tag) co_return *status;
    }
}

} // namespace postern::fetch
