#include "imap/sort.h"

#include "imap/search.h"
#include "imap/sort_order.h"
#include "message/base_subject.h"
#include "message/threading.h"

#include <memory>
#include <utility>

namespace postern::imap {

using message::Threaded;
using wire::imap::ThreadAlgorithm;

namespace {

// What a message that is found takes here and in the answer, about.
constexpr std::size_t sorted_octets = 256;
constexpr std::size_t threaded_octets = 512;

Threaded make_threaded(store::Uid uid, store::MessageView const& message, ThreadAlgorithm algorithm) {
    Threaded one{.number = core::number(uid),
                 .sent = message::decode_sent(message.thread_keys).value_or(message.internal_date),
                 .received = message.internal_date,
                 .keys = {},
                 .subject = {}};
    if (algorithm != ThreadAlgorithm::refs)
        one.subject =
            message::base_subject(message::whole_subject(search_text(message, message::SearchField::subject)));
    if (algorithm != ThreadAlgorithm::ordered_subject)
        one.keys = message::decode_thread_keys(message.thread_keys).value_or(message::ThreadKeys{});
    return one;
}

std::vector<message::ThreadNode> gather(std::vector<Threaded> const& messages, ThreadAlgorithm algorithm) {
    switch (algorithm) {
    case ThreadAlgorithm::ordered_subject: return message::thread_by_subject(messages);
    case ThreadAlgorithm::references: return message::thread_by_references(messages);
    case ThreadAlgorithm::refs: return message::thread_by_refs(messages);
    }
    std::unreachable();
}

} // namespace

asio::awaitable<Answer> sort(Session& session, wire::imap::Sort& command) {
    auto const order = std::make_shared<SortOrder>(std::move(command.criteria));
    LongWork work(session);
    auto outcome = co_await look_for(session, work, command.search, sorted_octets,
                                     [order](store::Uid, store::MessageView const& message) { order->add(message); });
    if (!outcome) co_return outcome.error();
    auto const places = co_await session.storage().compute([order] { return order->places(); });
    Found found;
    found.reserve(places.size());
    for (std::uint32_t const place : places) found.push_back(outcome->found[place]);
    outcome->found = std::move(found);
    Sorted sorted{order->criteria(), {}};
    if (command.search.returns && command.search.returns->update)
        for (std::uint32_t const place : places) sorted.keys.emplace_back(order->key(place));
    co_return tell(session, command.search, *outcome, {.tag = session.tag()}, wire::imap::put_sort, std::move(sorted));
}

asio::awaitable<Answer> thread(Session& session, wire::imap::Thread& command) {
    auto const messages = std::make_shared<std::vector<Threaded>>();
    LongWork work(session);
    auto const outcome =
        co_await look_for(session, work, command.search, threaded_octets,
                          [messages, algorithm = command.algorithm](store::Uid uid, store::MessageView const& message) {
                              messages->push_back(make_threaded(uid, message, algorithm));
                          });
    if (!outcome) co_return outcome.error();
    auto threads = co_await session.storage().compute(
        [messages, algorithm = command.algorithm] { return gather(*messages, algorithm); });
    if (!command.search.uid)
        for (message::ThreadNode& node : threads)
            if (node.number > 0) node.number = *session.selected().view.numbers().number(core::Uid{node.number});
    std::string line;
    wire::imap::put_thread(line, threads);
    session.queue_whole(std::move(line));
    co_return ok("Threaded");
}

} // namespace postern::imap
