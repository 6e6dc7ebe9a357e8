#include "pop3/retrieval.h"

#include "core/log.h"

#include <algorithm>
#include <utility>

namespace postern::pop3 {

namespace {

constexpr std::size_t most_messages = 1024; // of a batch
// What a batch takes, of one message and of several; in the worst case each octet becomes two.
constexpr std::size_t least_room = 2 * slice_octets, room = batch_octets + 2 * slice_octets;
// Batches are read ahead only where there is plenty.
constexpr std::size_t plenty = 2 * 1024 * 1024;

struct Order {
    store::Store& store;
    store::MailboxId mailbox;
    std::vector<Target> targets;
    Wish wish;
    store::Result<Batch> operator()(store::ReadTransaction const& transaction) const {
        return render(transaction, store, mailbox, targets, wish);
    }
};

struct Slice {
    std::string text;
    Rest rest;
};

struct SliceOrder {
    Rest rest;
    store::Result<Slice> operator()(store::ReadTransaction const& transaction) {
        auto text = render_slice(transaction, rest);
        if (!text) return std::unexpected(text.error());
        return Slice{std::move(*text), std::move(rest)};
    }
};

} // namespace

Retrieval::Retrieval(net::Connection& connection, office::Storage& storage, Maildrop const& maildrop)
    : connection_(connection),
      storage_(storage),
      maildrop_(maildrop),
      share_(connection.share()),
      reading_share_(connection.share()) {}

asio::awaitable<std::expected<store::MessageId, Retrieval::Failure>> Retrieval::send(std::uint32_t number, Wish wish) {
    if (!find(number, wish)) {
        if (auto const taken = co_await take_batch(number, wish); !taken) co_return std::unexpected(taken.error());
    }
    std::size_t const begin = next_ == 0 ? 0 : batch_.responses[next_ - 1].end;
    Batch::Response const response = batch_.responses[next_++];
    if (begin == 0 && next_ == batch_.responses.size())
        connection_.queue_whole(std::exchange(batch_.text, {}));
    else
        connection_.queue(std::string_view(batch_.text).substr(begin, response.end - begin));
    auto rest = next_ == batch_.responses.size() ? std::exchange(batch_.rest, std::nullopt) : std::nullopt;
    if (next_ == batch_.responses.size()) {
        batch_ = {};
        share_.account(0);
    }
    if (response.failure)
        co_return std::unexpected(*response.failure == store::StoreError::damaged ? Failure::damaged : Failure::gone);
    if (rest)
        if (auto const sent = co_await send_rest(std::move(*rest)); !sent) co_return std::unexpected(sent.error());
    co_return response.message;
}

bool Retrieval::find(std::uint32_t number, Wish wish) {
    if (batch_.wish != wish) return false;
    auto const begin = batch_.responses.begin();
    auto const found = std::ranges::find(begin + static_cast<std::ptrdiff_t>(std::min(next_, batch_.responses.size())),
                                         batch_.responses.end(), number, &Batch::Response::number);
    if (found == batch_.responses.end()) return false;
    next_ = static_cast<std::size_t>(found - begin);
    return true;
}

asio::awaitable<std::expected<void, Retrieval::Failure>> Retrieval::take_batch(std::uint32_t number, Wish wish) {
    batch_ = {};
    share_.account(0);
    bool const in_order = number == expected_;
    if (!reading_ || reading_from_ != number || reading_wish_ != wish) {
        reading_.reset();
        if (!in_order) most_ = 1;
        if (!reading_share_.resize(most_ == 1 ? least_room : room)) {
            most_ = 1;
            if (!reading_share_.resize(least_room)) co_return std::unexpected(Failure::no_room);
        }
        begin_batch(number, wish);
    }
    auto batch = co_await reading_->result();
    reading_.reset();
    reading_share_.account(0);
    if (!batch) co_return std::unexpected(Failure::unavailable);
    batch_ = std::move(*batch);
    next_ = 0;
    share_.account(batch_.text.capacity());
    // As many as this one had room for, and as many again.
    most_ = std::min(2 * batch_.responses.size(), most_messages);
    expected_ = after(batch_.responses.back().number);
    if (in_order && !batch_.rest) read_ahead();
    co_return std::expected<void, Failure>{};
}

void Retrieval::begin_batch(std::uint32_t number, Wish wish) {
    Order order{.store = storage_.store(), .mailbox = maildrop_.mailbox(), .targets = {}, .wish = wish};
    for (auto at = number; at <= maildrop_.messages().size() && order.targets.size() < most_; ++at)
        if (auto const* message = maildrop_.find(at)) order.targets.push_back({at, message->uid});
    reading_.emplace(storage_.begin_read(connection_.executor(), std::move(order)));
    reading_from_ = number;
    reading_wish_ = wish;
}

void Retrieval::read_ahead() {
    if (expected_ == 0 || !reading_share_.resize(plenty) || !reading_share_.resize(room)) return;
    begin_batch(expected_, batch_.wish);
}

// The message behind that one which is not marked as deleted; 0 if there is none.
std::uint32_t Retrieval::after(std::uint32_t number) const {
    while (++number <= maildrop_.messages().size())
        if (maildrop_.find(number) != nullptr) return number;
    return 0;
}

asio::awaitable<std::expected<void, Retrieval::Failure>> Retrieval::send_rest(Rest rest) {
    share_.account(2 * slice_octets);
    auto const begin = [this](Rest from) {
        return storage_.begin_read(connection_.executor(), SliceOrder{std::move(from)});
    };
    auto reading = begin(std::move(rest));
    for (bool more = true; more;) {
        auto slice = co_await reading.result();
        if (!slice) {
            // There is no way to say so within a message.
            core::log(core::Event::session_broken,
                      {{"service", "pop3"}, {"while", "RETR"}, {"reason", store::describe(slice.error())}});
            co_return std::unexpected(Failure::cut_off);
        }
        more = !slice->rest.empty();
        if (more) reading = begin(std::move(slice->rest)); // the next one is read while this one is sent
        connection_.queue_whole(std::move(slice->text));
        if (!co_await connection_.flush_if_full()) co_return std::unexpected(Failure::cut_off);
    }
    share_.account(0);
    co_return std::expected<void, Failure>{};
}

} // namespace postern::pop3
