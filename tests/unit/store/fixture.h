// A store of its own for each test, in memory where the machine has /dev/shm: what is tested is not the disk.
#pragma once

#include "core/log.h"
#include "store/accounts.h"
#include "store/check.h"
#include "store/delivery.h"
#include "store/mailboxes.h"
#include "store/messages.h"
#include "store/store.h"

#include <CppUTest/TestHarness.h>
#include <unistd.h>

#include <filesystem>
#include <format>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace postern::store::test {

constexpr WallTime start{std::chrono::seconds{1'700'000'000}};

inline std::filesystem::path temporary_directory() {
    static int count = 0;
    auto const root = std::filesystem::is_directory("/dev/shm") ? std::filesystem::path("/dev/shm")
                                                                : std::filesystem::temp_directory_path();
    return root / std::format("postern-test-{}-{}", ::getpid(), ++count);
}

class TestStore {
public:
    explicit TestStore(StoreOptions options = small()) : options_(std::move(options)) {
        core::set_log_level(static_cast<core::Level>(0)); // many tests provoke what the log would tell
        open();
    }
    ~TestStore() {
        store_.reset();
        std::filesystem::remove_all(directory_);
    }
    TestStore(TestStore const&) = delete;
    TestStore& operator=(TestStore const&) = delete;

    static StoreOptions small() {
        StoreOptions options;
        options.map_size = std::uint64_t{256} << 20;
        options.low_water = std::uint64_t{1} << 20;
        options.free_space = [] { return std::uint64_t{1} << 40; };
        return options;
    }

    void open() {
        auto opened = Store::open(directory_, options_);
        if (!opened) FAIL(opened.error().reason.c_str());
        store_ = std::move(*opened);
    }
    void close() { store_.reset(); }
    void reopen() {
        close();
        open();
    }

    Store& operator*() { return *store_; }
    Store* operator->() { return store_.get(); }
    [[nodiscard]] std::filesystem::path const& directory() const { return directory_; }

    // What a change or look returned; fails the test when it is an error.
    template <typename Change> auto write(Change change) {
        auto result = store_->write_here(std::move(change));
        if (!result) FAIL(std::string(describe(result.error())).c_str());
        if constexpr (!std::is_void_v<typename decltype(result)::value_type>) return std::move(*result);
    }
    template <typename Look> auto read(Look look) {
        using T = std::invoke_result_t<Look&, ReadTransaction const&>;
        auto result =
            store_->read_here([&](ReadTransaction const& transaction) -> Result<T> { return look(transaction); });
        if (!result) FAIL(std::string(describe(result.error())).c_str());
        return std::move(*result);
    }

    AccountId account(std::string_view login) {
        return write([&](WriteTransaction& t) { return create_account(t, login, {}, false, start); });
    }
    MailboxId mailbox(AccountId account, std::string_view name) {
        return write([&](WriteTransaction& t) { return create_mailbox(t, account, name, "", start); });
    }
    Mailbox find(AccountId account, std::string_view name) {
        auto const found = read([&](ReadTransaction const& t) { return find_mailbox(t, account, name); });
        if (!found) FAIL(std::format("no mailbox {}", name).c_str());
        return *found;
    }
    Mailbox get(MailboxId mailbox) {
        return *read([&](ReadTransaction const& t) { return get_mailbox(t, mailbox); });
    }
    Appended append(MailboxId mailbox, std::string body, SystemFlags flags = {},
                    std::vector<std::string> keywords = {}) {
        return write([&](WriteTransaction& t) {
            return store::append(t, message(body), Placement{mailbox, flags, keywords}, {}, start);
        });
    }

    static NewMessage message(std::string body) {
        NewMessage message;
        message.size = body.size();
        message.body = std::move(body);
        message.internal_date = start;
        message.envelope = "envelope";
        message.structure = "structure";
        message.search_texts = "texts";
        message.thread_keys = "keys";
        message.signature = "bits";
        return message;
    }

    // Fails the test when the store's own check finds anything.
    CheckReport check() {
        auto report = store::check(*store_, true);
        if (!report) FAIL(std::string(describe(report.error())).c_str());
        if (!report->problems.empty()) FAIL(report->problems.front().what.c_str());
        return std::move(*report);
    }

private:
    std::filesystem::path directory_ = temporary_directory();
    StoreOptions options_;
    std::unique_ptr<Store> store_;
};

} // namespace postern::store::test
