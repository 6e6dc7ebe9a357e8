// A look at what came of mail in an office for tests.
#pragma once

#include "store/bodies.h"
#include "store/mailboxes.h"
#include "store/messages.h"
#include "store/queue.h"
#include "support/office_fixture.h"

#include <string>
#include <vector>

namespace postern::test {

// What is in `account`'s INBOX, whole.
inline std::vector<std::string> inbox(OfficeFixture& fixture, store::AccountId account) {
    return fixture.store()
        .read_here([&](store::ReadTransaction const& transaction) -> store::Result<std::vector<std::string>> {
            std::vector<std::string> messages;
            auto const mailbox = store::find_mailbox(transaction, account, "INBOX").value();
            store::list_uids(transaction, mailbox.id).for_each([&](store::Uid uid) {
                auto const row = store::get_index(transaction, mailbox.id, uid).value();
                auto const message = store::get_message(transaction, row.message).value();
                messages.push_back(store::read_body(transaction, message.body, 0, message.size).value());
            });
            return messages;
        })
        .value();
}

inline std::vector<store::QueueItem> queue(OfficeFixture& fixture) {
    return fixture.store()
        .read_here([](store::ReadTransaction const& transaction) -> store::Result<std::vector<store::QueueItem>> {
            return store::list_queue(transaction, 1000);
        })
        .value();
}

} // namespace postern::test
