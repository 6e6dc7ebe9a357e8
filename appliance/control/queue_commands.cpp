#include "control/actions.h"
#include "control/daemon.h"
#include "core/log.h"
#include "core/settings.h"
#include "store/accounts.h"
#include "store/messages.h"
#include "store/queue.h"
#include "text/utf8.h"

#include <format>

namespace postern::control {

namespace {

constexpr std::size_t most_listed = 1000;

// An item with what belongs to it elsewhere.
struct Shown {
    store::QueueItem item;
    std::string owner; // its login; empty if the account is gone
    std::uint64_t size = 0;
};

Shown look_up(store::ReadTransaction const& transaction, store::QueueItem item) {
    auto const owner = store::get_account(transaction, item.owner);
    auto const message = store::get_message(transaction, item.message);
    return {std::move(item), owner ? owner->login : std::string(), message ? message->size : 0};
}

json::object row(Shown const& shown, relay::Dispatcher const& dispatcher) {
    store::QueueItem const& item = shown.item;
    return {{"id", core::number(item.id)},
            {"sender", text::to_valid_utf8(item.reverse_path)},
            {"recipient", text::to_valid_utf8(item.recipient)},
            {"octets", shown.size},
            {"queued", written(item.queued)},
            {"state", item.held        ? "held"
                      : item.under_way ? "being sent"
                                       : "waiting"},
            {"attempts", item.attempts},
            {"last_attempt", item.attempts == 0 ? "" : written(item.last_attempt)},
            {"last_reply", text::to_valid_utf8(item.last_reply)},
            {"because", text::to_valid_utf8(describe(dispatcher.standing(item)))}};
}

std::expected<store::QueueItemId, std::string> read_id(std::string_view given) {
    auto const id = core::parse_count(given);
    if (!id) return std::unexpected(std::format("{} is not the number of a queue item", given));
    return store::QueueItemId{*id};
}

// Does it to the item that the call names, and tells the log, if that is for it.
template <typename Act>
asio::awaitable<Answer> act_on_item(Call call, Act act, std::optional<core::Event> event = std::nullopt) {
    std::string const& given = call.arguments.word("id");
    auto const id = read_id(given);
    if (!id) co_return refused(id.error());
    auto const item = co_await call.daemon.office.storage.read(
        [id = *id](store::ReadTransaction const& transaction) -> store::Result<std::optional<store::QueueItem>> {
            return store::get_queue_item(transaction, id);
        });
    if (auto const done = co_await act(call, *id); !done) co_return refused(std::format("{}: {}", given, done.error()));
    if (event && item && *item)
        core::log(*event, {{"item", core::number(*id)},
                           {"message", core::number((*item)->message)},
                           {"to", (*item)->recipient},
                           {"by", call.caller}});
    co_return nullptr;
}

} // namespace

asio::awaitable<Answer> list_queue(Call call) {
    auto const items = co_await call.daemon.office.storage.read(
        [](store::ReadTransaction const& transaction) -> store::Result<std::vector<Shown>> {
            std::vector<Shown> found;
            for (store::QueueItem& item : store::list_queue(transaction, most_listed))
                found.push_back(look_up(transaction, std::move(item)));
            return found;
        });
    if (!items) co_return refused(std::string(store::describe(items.error())));
    json::array rows;
    for (Shown const& item : *items) rows.push_back(row(item, call.daemon.dispatcher));
    co_return rows;
}

asio::awaitable<Answer> show_queue_item(Call call) {
    std::string const& written_id = call.arguments.word("id");
    auto const given = read_id(written_id);
    if (!given) co_return refused(given.error());
    store::QueueItemId const id = *given;
    auto const shown = co_await call.daemon.office.storage.read(
        [id](store::ReadTransaction const& transaction) -> store::Result<Shown> {
            auto item = store::get_queue_item(transaction, id);
            if (!item) return std::unexpected(store::StoreError::no_such_queue_item);
            return look_up(transaction, std::move(*item));
        });
    if (!shown) co_return refused(std::format("{}: {}", written_id, store::describe(shown.error())));
    store::QueueItem const& item = shown->item;
    json::object all = row(*shown, call.daemon.dispatcher);
    all["owner"] = shown->owner;
    all["message"] = core::number(item.message);
    // RFC 3461: what the sender asked to be told.
    all["envelope_id"] = text::to_valid_utf8(item.envelope_id);
    all["return_content"] = text::to_valid_utf8(item.return_content);
    all["notify"] = text::to_valid_utf8(item.wishes.notify);
    all["original_recipient"] = text::to_valid_utf8(item.wishes.original_recipient);
    all["body_8bit"] = item.body_8bit;
    all["smtputf8"] = item.smtputf8;
    co_return all;
}

asio::awaitable<Answer> retry_queue(Call call) {
    if (call.arguments.word("id") != "all")
        co_return co_await act_on_item(std::move(call), [](Call const& asked, store::QueueItemId id) {
            return asked.daemon.dispatcher.retry(id);
        });
    if (auto const done = co_await call.daemon.dispatcher.retry_all(); !done) co_return refused(done.error());
    co_return nullptr;
}

asio::awaitable<Answer> hold_queue_item(Call call) {
    co_return co_await act_on_item(
        std::move(call),
        [](Call const& asked, store::QueueItemId id) { return asked.daemon.dispatcher.hold(id, true, asked.caller); },
        core::Event::message_held);
}

asio::awaitable<Answer> release_queue_item(Call call) {
    co_return co_await act_on_item(
        std::move(call),
        [](Call const& asked, store::QueueItemId id) { return asked.daemon.dispatcher.hold(id, false, asked.caller); },
        core::Event::message_released);
}

asio::awaitable<Answer> remove_queue_item(Call call) {
    co_return co_await act_on_item(
        std::move(call),
        [](Call const& asked, store::QueueItemId id) { return asked.daemon.dispatcher.remove(id, asked.caller); },
        core::Event::message_recalled);
}

} // namespace postern::control
