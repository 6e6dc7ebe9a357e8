// GETQUOTA, GETQUOTAROOT and SETQUOTA (RFC 9208 §4.1).
//
// An account is one quota root, "#user/alice", to which all of its mailboxes belong; it limits STORAGE and MESSAGE.
// Limits are hard: what would pass one is refused with [OVERQUOTA], and no untagged NO comes before that (§4.3.1).
#pragma once

#include "imap/session.h"

namespace postern::imap {

asio::awaitable<Answer> get_quota(Session& session, wire::imap::GetQuota& command);
asio::awaitable<Answer> get_quota_root(Session& session, wire::imap::GetQuotaRoot& command);
asio::awaitable<Answer> set_quota(Session& session, wire::imap::SetQuota& command);

} // namespace postern::imap
