#include "state.h"

#include "core/crypto.h"
#include "store/accounts.h"
#include "store/aliases.h"
#include "store/bodies.h"
#include "store/mailboxes.h"
#include "store/messages.h"
#include "store/queue.h"

#include <format>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <utility>

namespace postern::crash {

namespace {

using namespace store;

std::string size_and_digest(std::string_view octets) {
    std::string text = std::format("{} ", octets.size());
    for (char const octet : core::sha256(octets).substr(0, 4))
        text += std::format("{:02x}", static_cast<unsigned char>(octet));
    return text;
}

// Without the trace that SMTP puts before a message.
std::string describe_message(ReadTransaction const& transaction, MessageId id) {
    auto const message = get_message(transaction, id);
    if (!message) throw std::runtime_error(std::format("message {} is not there", core::number(id)));
    auto const body = read_body(transaction, message->body, 0, message->size);
    if (!body) throw std::runtime_error(std::format("message {}: {}", core::number(id), describe(body.error())));
    auto const from = body->find("From: ");
    return size_and_digest(std::string_view(*body).substr(from == std::string::npos ? 0 : from));
}

std::string flag_names(Mailbox const& mailbox, IndexRow const& row) {
    std::set<std::string> names;
    for (auto& name : keyword_names(mailbox, row.keywords)) names.insert(std::move(name));
    using enum core::SystemFlag;
    for (auto const& [flag, name] : {std::pair{seen, "\\Seen"},
                                     {answered, "\\Answered"},
                                     {flagged, "\\Flagged"},
                                     {deleted, "\\Deleted"},
                                     {draft, "\\Draft"}})
        if (row.flags.has(flag)) names.insert(name);
    std::string text;
    for (auto const& name : names) text += name + " ";
    return text;
}

using Lines = std::set<std::string>;

void list_account(ReadTransaction const& transaction, Account const& account, Lines& lines) {
    lines.insert(std::format("{} account", account.login));
    UidSet all;
    all.add_range(1, 0xffff'ffff);
    for (Mailbox const& mailbox : list_mailboxes(transaction, account.id)) {
        std::string const path = std::format("{}/{}", account.login, mailbox.name);
        lines.insert(std::format("{} next {}", path, core::number(mailbox.uid_next)));
        for_each_index(transaction, mailbox.id, all, [&](IndexRow const& row) {
            lines.insert(std::format("{} {} {}{}", path, core::number(row.uid), flag_names(mailbox, row),
                                     describe_message(transaction, row.message)));
            return true;
        });
    }
}

void list_files(std::filesystem::path const& directory, Lines& lines) {
    if (!std::filesystem::is_directory(directory)) return;
    for (auto const& entry : std::filesystem::directory_iterator(directory)) {
        std::ifstream file(entry.path(), std::ios::binary);
        std::string const content{std::istreambuf_iterator<char>(file), {}};
        lines.insert(std::format("tls.{} {}", entry.path().filename().native(), size_and_digest(content)));
    }
}

} // namespace

State read_state(Store& store, std::filesystem::path const& directory) {
    Lines lines;
    auto const read = store.read_here([&](ReadTransaction const& transaction) -> Result<void> {
        for (Account const& account : list_accounts(transaction)) list_account(transaction, account, lines);
        for (QueueItem const& item : list_queue(transaction, 1'000'000))
            lines.insert(std::format("{} queue {} {}", item.reverse_path, item.recipient,
                                     describe_message(transaction, item.message)));
        for (Alias const& alias : list_aliases(transaction)) {
            std::string line = alias.address + " alias";
            for (auto const& target : alias.targets) line += " " + target;
            lines.insert(line);
        }
        return {};
    });
    if (!read) throw std::runtime_error(std::string(describe(read.error())));
    list_files(directory / "tls", lines);
    State state;
    for (auto const& line : lines) state[line.substr(0, line.find_first_of("./ "))] += line + "\n";
    return state;
}

} // namespace postern::crash
