// An account's mail as it leaves the store, and what is there already of mail that comes. Blocks; on any thread but the
// writer's, one call at a time.
#pragma once

#include "migration/letter.h"
#include "store/store.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::migration {

struct AccountMailboxes {
    std::vector<std::string> names; // that can hold mail; not what waits to leave (store/waiting.h)
    std::vector<std::string> subscriptions;
};
// Errors: no_such_account.
[[nodiscard]] store::Result<AccountMailboxes> list_mailboxes(store::Store& store, std::string_view login);

// The letters of a mailbox as they were when it began, as LetterReader reads them, in slices: what is expunged before
// its turn is left out.
class StoreLetters {
public:
    static constexpr std::size_t piece_octets = std::size_t{1} << 20;

    // Errors: no_such_account, no_such_mailbox.
    static store::Result<StoreLetters> begin(store::Store& store, std::string_view login, std::string_view mailbox);

    // Empty at the end.
    store::Result<std::string> next();

private:
    explicit StoreLetters(store::Store& store) : store_(&store) {}

    store::Store* store_;
    store::MailboxId mailbox_{};
    std::vector<store::Uid> uids_;
    std::size_t at_ = 0;
    std::optional<store::BodyId> body_; // that is under way
    std::uint64_t offset_ = 0, size_ = 0;
    store::BodyPin pin_;
};

// Which letters a mailbox has, so that an import that is run again brings none twice: known by date, size and checksum.
class KnownLetters {
public:
    // Errors: what a read can fail with.
    static store::Result<std::shared_ptr<KnownLetters>> of(store::Store& store, store::MailboxId mailbox);

    // Errors: what a read can fail with.
    store::Result<bool> has(LetterHead const& head);
    void add(LetterHead const& head);

private:
    explicit KnownLetters(store::Store& store) : store_(&store) {}

    struct Known {
        store::BodyId body{};             // 0: it is known by its sum
        std::optional<std::uint32_t> sum; // once it was asked for
    };
    store::Store* store_;
    std::multimap<std::pair<std::int64_t, std::uint64_t>, Known> letters_; // by date and size
};

} // namespace postern::migration
