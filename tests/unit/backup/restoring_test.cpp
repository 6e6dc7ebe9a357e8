#include "../store/fixture.h"
#include "backup/file.h"
#include "backup/making.h"
#include "backup/office_copy.h"
#include "backup/restoring.h"
#include "core/random.h"
#include "store/schema.h"
#include "store/settings.h"

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <vector>

using namespace postern;
using namespace postern::backup;
using namespace postern::store::test;
namespace fs = std::filesystem;

// clang-format off
TEST_GROUP(Backup) {
    TestStore store;
    core::SystemRandom random;
    fs::path aside = temporary_directory(), data = temporary_directory();
    store::MailboxId inbox = store.find(store.account("alice"), "INBOX").id;

    void setup() override {
        fs::create_directory(aside);
        store.write([](store::WriteTransaction& t) { return store::put_setting(t, "office.domain", "office.lan"); });
        fs::create_directory(store.directory() / "tls");
        put(store.directory() / "tls/ca.key", "the authority's key");
        store.append(inbox, "a letter");
    }
    void teardown() override {
        fs::remove_all(aside);
        fs::remove_all(data);
    }

    static void put(fs::path const& path, std::string_view content) { std::ofstream(path, std::ios::binary) << content; }
    static std::string get(fs::path const& path) {
        std::ifstream in(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    std::expected<Made, std::string> make(fs::path const& to, Credentials const& credentials = {}) {
        auto const copy = begin_copy(*store, store.directory(), start);
        CHECK(copy.has_value());
        return backup::make(to, [copy] { return next_piece(**copy); }, credentials, random, aside);
    }
    fs::path good() {
        auto const made = make(aside / "good");
        if (!made) FAIL(made.error().c_str());
        return made->file;
    }
    std::expected<Restored, std::string> restore(fs::path const& file, RestoreWishes wishes = {}) {
        return backup::restore(data, file, {}, wishes, start);
    }
    void refuses(fs::path const& file, std::string_view why, RestoreWishes wishes = {}) {
        auto const restored = restore(file, wishes);
        CHECK_FALSE(restored.has_value());
        if (!restored.error().contains(why)) FAIL(restored.error().c_str());
    }
    // What is in the directory, whatever it is.
    static std::vector<std::string> names_in(fs::path const& directory) {
        std::vector<std::string> names;
        for (auto const& entry : fs::recursive_directory_iterator(directory))
            if (!entry.is_directory()) names.push_back(entry.path().lexically_relative(directory).native());
        std::ranges::sort(names);
        return names;
    }
};
// clang-format on

TEST(Backup, is_called_by_office_and_time_in_a_directory) {
    auto const made = make(aside);
    CHECK(made.has_value());
    CHECK(made->file == aside / "office.lan-20231114T221320Z.postern");
    CHECK(fs::file_size(made->file) == made->octets);
    CHECK(made->proof.check->messages == 1 && made->proof.check->problems.empty());
    CHECK(names_in(aside) == std::vector<std::string>{"office.lan-20231114T221320Z.postern"});
}

TEST(Backup, never_takes_the_place_of_a_file) {
    put(aside / "mine", "something else");
    CHECK(make(aside / "mine").error().contains("already"));
    CHECK(get(aside / "mine") == "something else");
}

TEST(Backup, leaves_nothing_where_its_content_ends_too_early) {
    auto const copy = begin_copy(*store, store.directory(), start);
    int pieces = 0;
    auto const made = backup::make(
        aside / "cut",
        [&]() -> std::expected<std::string, std::string> { return pieces++ == 0 ? next_piece(**copy) : ""; }, {},
        random, aside);
    CHECK(made.error().contains("cut short"));
    CHECK(names_in(aside).empty());
}

TEST(Backup, takes_over_what_an_interrupted_one_left) {
    put(aside / "good.unfinished", "half of it");
    fs::create_directories(aside / "backup.proof/opened/store");
    good();
    CHECK(names_in(aside) == std::vector<std::string>{"good"});
}

TEST(Backup, is_restored_where_there_is_nothing) {
    auto const restored = restore(good());
    if (!restored) FAIL(restored.error().c_str());
    CHECK(restored->domain == "office.lan" && restored->messages == 1 && restored->replaced.empty());
    CHECK(get(data / "tls/ca.key") == "the authority's key");
    CHECK(names_in(data) == (std::vector<std::string>{"store/data.mdb", "store/lock.mdb", "tls/ca.key"}));
}

TEST(Backup, replaces_a_store_only_if_told_to_and_keeps_it) {
    fs::create_directories(data / "store");
    put(data / "store/data.mdb", "the old one");
    fs::create_directories(data / "tls");
    put(data / "tls/ca.key", "the old key");
    auto const file = good();
    refuses(file, "--replace");
    CHECK(get(data / "store/data.mdb") == "the old one");
    auto const restored = restore(file, {.replace = true});
    CHECK(restored.has_value());
    CHECK(restored->replaced == data / "replaced/old");
    CHECK(get(restored->replaced / "store/data.mdb") == "the old one");
    CHECK(get(restored->replaced / "tls/ca.key") == "the old key");
    CHECK(get(data / "tls/ca.key") == "the authority's key");
}

TEST(Backup, is_refused_while_somebody_has_the_directory) {
    auto const file = good();
    CHECK(backup::restore(store.directory(), file, {}, {.replace = true}, start).error().contains("stop posternd"));
}

TEST(Backup, that_is_bad_changes_nothing) {
    fs::create_directories(data / "store");
    put(data / "store/data.mdb", "the old one");
    auto const before = names_in(data);
    auto const file = get(good());
    std::size_t const step = file.size() / 97;
    for (std::size_t at = 0; at < file.size(); at += step) {
        put(aside / "bad", file.substr(0, at));
        refuses(aside / "bad", "not restored", {.replace = true});
        std::string other = file;
        other[at] = static_cast<char>(other[at] ^ 32);
        put(aside / "bad", other);
        refuses(aside / "bad", "not restored", {.replace = true});
        CHECK(names_in(data) == before);
    }
    refuses(aside / "none", "cannot open", {.replace = true});
    CHECK(get(data / "store/data.mdb") == "the old one");
}

// Whole and well-formed, and yet no store that holds: somebody made it.
TEST(Backup, that_the_stores_check_objects_to_is_refused) {
    store::CopyWriter writer;
    std::string octets;
    writer.head(octets, {store::schema_version, 0, "office.lan"});
    writer.table(octets, "mailbox");
    writer.row(octets, store::mailbox_key(store::MailboxId{7}), "no record");
    writer.end(octets);
    bool given = false;
    auto const made = backup::make(
        aside / "odd",
        [&]() -> std::expected<std::string, std::string> { return std::exchange(given, true) ? "" : octets; }, {},
        random, aside);
    CHECK(made.has_value());
    CHECK_FALSE(made->proof.check->problems.empty());
    refuses(aside / "odd", "--damaged");
    auto const restored = restore(aside / "odd", {.damaged = true}); // better than nothing
    CHECK(restored.has_value() && !restored->problems.empty());
}

TEST(Backup, brings_no_files_but_those_of_tls) {
    store::CopyWriter writer;
    std::string octets;
    writer.head(octets, {store::schema_version, 0, "office.lan"});
    writer.file(octets, {.name = "store/data.mdb", .content = "x"});
    writer.end(octets);
    bool given = false;
    (void)backup::make(
        aside / "odd",
        [&]() -> std::expected<std::string, std::string> { return std::exchange(given, true) ? "" : octets; }, {},
        random, aside / "nowhere");
    refuses(aside / "odd", "it has a file store/data.mdb");
}

TEST(Backup, that_was_not_whole_yet_is_cleared_away) {
    fs::create_directories(data / "restore.unfinished/new/store");
    CHECK(finish_restore(data).has_value());
    CHECK_FALSE(fs::exists(data / "restore.unfinished"));
}

// At whatever step of the moves the power was cut, the next start has the new one, and the old one beside.
TEST(Backup, is_moved_in_to_the_end) {
    auto const whole = data / "restore.whole";
    std::vector<std::function<void()>> const steps{[&] { fs::rename(data / "store", whole / "old/store"); },
                                                   [&] { fs::rename(whole / "new/store", data / "store"); },
                                                   [&] { fs::rename(data / "tls", whole / "old/tls"); },
                                                   [&] { fs::rename(whole / "new/tls", data / "tls"); },
                                                   [&] { fs::remove(whole / "new"); },
                                                   [&] { fs::rename(whole, data / "replaced"); }};
    for (std::size_t done = 0; done <= steps.size(); ++done) {
        fs::remove_all(data);
        for (auto const& [directory, content] : {std::pair{data, "old"}, std::pair{whole / "new", "new"}})
            for (auto const* name : {"store", "tls"}) {
                fs::create_directories(directory / name);
                put(directory / name / "file", content);
            }
        fs::create_directories(whole / "old");
        for (std::size_t i = 0; i < done; ++i) steps[i]();
        CHECK(finish_restore(data).has_value());
        CHECK(names_in(data) ==
              (std::vector<std::string>{"replaced/old/store/file", "replaced/old/tls/file", "store/file", "tls/file"}));
        CHECK(get(data / "store/file") == "new" && get(data / "tls/file") == "new");
    }
}
