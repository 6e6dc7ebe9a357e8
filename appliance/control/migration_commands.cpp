#include "control/actions.h"
#include "control/daemon.h"
#include "core/crc32c.h"
#include "migration/store_letters.h"
#include "office/incoming_message.h"
#include "office/mailbox_name.h"
#include "office/message_batch.h"
#include "office/quota.h"
#include "store/accounts.h"
#include "store/audit.h"
#include "store/mailboxes.h"
#include "store/waiting.h"

#include <format>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

namespace postern::control {

namespace {

// Of what is put in one change; a small box takes that in a moment.
constexpr std::size_t batch_letters = 64;
constexpr std::uint64_t batch_octets = std::uint64_t{8} << 20;
constexpr std::uint64_t longest_letter = std::uint64_t{1} << 30;

using migration::KnownLetters;
using migration::LetterHead;
using migration::LetterReader;

// Letters that come for one mailbox.
class Import {
public:
    Import(Call const& call, store::MailboxId mailbox, std::shared_ptr<KnownLetters> known)
        : office_(call.daemon.office), mailbox_(mailbox), known_(std::move(known)) {}

    // The error is a sentence's end.
    asio::awaitable<std::optional<std::string>> take(Receive const& receive) {
        LetterReader reader;
        for (;;) {
            auto const octets = co_await receive();
            if (!octets) co_return "they were cut off";
            if (octets->empty()) break;
            reader.feed(*octets);
            for (auto event = reader.next(); !std::holds_alternative<LetterReader::NeedMore>(event);
                 event = reader.next())
                if (auto failed = co_await handle(std::move(event))) co_return failed;
        }
        if (!reader.at_end()) co_return "the last of them was cut off";
        co_return co_await put();
    }

    [[nodiscard]] json::object report() const {
        return {{"imported", imported_}, {"known", known_letters_}, {"keywords_lost", keywords_lost_}};
    }

private:
    asio::awaitable<std::optional<std::string>> handle(LetterReader::Event event) {
        if (auto* head = std::get_if<LetterHead>(&event)) {
            head_ = std::move(*head);
            left_ = head_.size;
            sum_ = 0;
            auto const there = co_await office_.storage.compute(
                [known = known_, head = head_]() -> store::Result<bool> { return known->has(head); });
            if (!there) co_return describe(there.error());
            skipped_ = *there;
            if (skipped_)
                ++known_letters_;
            else
                incoming_.emplace(office_, longest_letter, net::MemoryShare(), office::IncomingMessage::Prefix());
        } else if (auto* octets = std::get_if<std::string>(&event)) {
            left_ -= octets->size();
            sum_ = core::crc32c(*octets, sum_);
            if (!skipped_) co_await incoming_->append(std::move(*octets));
        } else {
            co_return "what came is no letters";
        }
        if (left_ > 0 || skipped_) co_return std::nullopt;
        if (sum_ != head_.sum) co_return "octets of them changed on the way";
        co_return co_await finish();
    }

    asio::awaitable<std::optional<std::string>> finish() {
        auto message = co_await incoming_->finish(head_.date);
        if (!message) co_return describe(message.error());
        if (incoming_->out_of_memory()) co_return "one of them has a structure that is out of the ordinary";
        auto const added = co_await batch().add(
            *incoming_, {.message = std::move(*message), .flags = head_.flags, .keywords = head_.keywords});
        if (!added) co_return describe(added.error());
        incoming_.reset();
        waiting_octets_ += head_.size;
        heads_.push_back(std::move(head_));
        if (heads_.size() < batch_letters && waiting_octets_ < batch_octets) co_return std::nullopt;
        co_return co_await put();
    }

    office::MessageBatch& batch() {
        if (!batch_) batch_.emplace(office_, net::MemoryShare());
        return *batch_;
    }

    // On flash once it returns.
    asio::awaitable<std::optional<std::string>> put() {
        if (heads_.empty()) co_return std::nullopt;
        auto const additions = std::make_shared<std::vector<store::Addition>>(batch().take());
        auto done = co_await write(additions);
        if (!done &&
            (done.error() == store::StoreError::too_many_keywords || done.error() == store::StoreError::name_invalid)) {
            for (store::Addition& addition : *additions) {
                keywords_lost_ += addition.keywords.size();
                addition.keywords.clear();
            }
            done = co_await write(additions);
        }
        if (!done) co_return describe(done.error());
        imported_ += heads_.size();
        for (LetterHead const& head : heads_) known_->add(head);
        heads_.clear();
        waiting_octets_ = 0;
        batch_.reset();
        co_return std::nullopt;
    }

    asio::awaitable<store::Result<store::AdditionsDone>>
    write(std::shared_ptr<std::vector<store::Addition>> additions) {
        return office_.storage.write([additions, mailbox = mailbox_, quota = office::office_quota(*office_.settings),
                                      now = office_.clock.wall()](store::WriteTransaction& transaction) {
            return store::append(transaction, mailbox, *additions, quota, now);
        });
    }

    static std::string describe(store::StoreError error) { return std::string(store::describe(error)); }

    office::Office& office_;
    store::MailboxId mailbox_;
    std::shared_ptr<KnownLetters> known_;
    LetterHead head_;
    std::uint64_t left_ = 0; // of its octets
    std::uint32_t sum_ = 0;  // of those that came
    bool skipped_ = false;   // it is there already
    std::optional<office::IncomingMessage> incoming_;
    std::optional<office::MessageBatch> batch_;
    std::vector<LetterHead> heads_; // of what is in the batch
    std::uint64_t waiting_octets_ = 0;
    std::uint64_t imported_ = 0, known_letters_ = 0, keywords_lost_ = 0;
};

Answer no_such(std::string_view about, store::StoreError error) {
    return refused(std::format("{}: {}", about, store::describe(error)));
}

} // namespace

asio::awaitable<Answer> list_exported_mailboxes(Call call) {
    std::string const login = call.arguments.word("account");
    office::Storage& storage = call.daemon.office.storage;
    auto const found =
        co_await storage.compute([&store = storage.store(), login] { return migration::list_mailboxes(store, login); });
    if (!found) co_return no_such(login, found.error());
    co_return json::object{{"mailboxes", json::array(found->names.begin(), found->names.end())},
                           {"subscriptions", json::array(found->subscriptions.begin(), found->subscriptions.end())}};
}

asio::awaitable<Answer> send_letters(Call call) {
    std::string const login = call.arguments.word("account"), name = call.arguments.word("mailbox");
    office::Storage& storage = call.daemon.office.storage;
    using Letters = std::shared_ptr<migration::StoreLetters>;
    auto const letters = co_await storage.compute([&store = storage.store(), login, name]() -> store::Result<Letters> {
        return migration::StoreLetters::begin(store, login, name).transform([](migration::StoreLetters begun) {
            return std::make_shared<migration::StoreLetters>(std::move(begun));
        });
    });
    if (!letters) co_return no_such(name, letters.error());
    for (;;) {
        auto const piece = co_await storage.compute([letters = *letters] { return letters->next(); });
        if (!piece) co_return no_such(name, piece.error());
        if (piece->empty()) co_return nullptr;
        if (!co_await call.send(*piece)) co_return refused("the export was given up");
    }
}

asio::awaitable<Answer> take_letters(Call call) {
    std::string const login = call.arguments.word("account"), name = call.arguments.word("mailbox");
    office::Storage& storage = call.daemon.office.storage;
    auto const parsed = office::parse_mailbox_name(name);
    if (!parsed || parsed->in != office::Namespace::personal || name == store::waiting_name)
        co_return refused(std::format("{}: that is no mailbox of its own; name another by --into", name));
    auto const mailbox = co_await storage.write([login, name, caller = call.caller,
                                                 now = call.daemon.office.clock.wall()](
                                                    store::WriteTransaction& t) -> store::Result<store::MailboxId> {
        auto const account = store::find_login(t, login);
        if (!account) return std::unexpected(store::StoreError::no_such_account);
        if (auto const noted = store::audit(t, "import", std::format("account={} by={}", login, caller), now); !noted)
            return std::unexpected(noted.error());
        auto const found = store::find_mailbox(t, *account, name);
        if (found && found->selectable) return found->id;
        return store::create_mailbox(t, *account, name, "", now);
    });
    if (!mailbox) co_return no_such(std::format("{} {}", login, name), mailbox.error());
    auto const known =
        co_await storage.compute([&store = storage.store(), id = *mailbox] { return KnownLetters::of(store, id); });
    if (!known) co_return no_such(std::format("{} {}", login, name), known.error());
    Import import(call, *mailbox, *known);
    if (auto const failed = co_await import.take(call.receive))
        co_return std::unexpected(Refusal{std::format("{} {}: {}", login, name, *failed), import.report()});
    co_return import.report();
}

asio::awaitable<Answer> take_subscriptions(Call call) {
    std::string const login = call.arguments.word("account");
    auto const done = co_await call.daemon.office.storage.write(
        [login, names = call.arguments.words("names")](store::WriteTransaction& t) -> store::Result<bool> {
            auto const account = store::find_login(t, login);
            if (!account) return std::unexpected(store::StoreError::no_such_account);
            for (std::string const& name : names)
                if (auto const subscribed = store::subscribe(t, *account, name, true); !subscribed)
                    return std::unexpected(subscribed.error());
            return true;
        });
    if (!done) co_return no_such(login, done.error());
    co_return nullptr;
}

} // namespace postern::control
