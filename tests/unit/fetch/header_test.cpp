#include "fetch/header.h"

#include <CppUTest/TestHarness.h>

#include <string>

namespace fetch_header_test {

using namespace postern;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view plain = "Return-Path: <carol@example.org>\r\n"
                                   "Delivered-To: office@provider.example\r\n"
                                   "X-Original-To: bob@office.example\r\n"
                                   "Received: from a by b; Mon, 5 Jan 2026 10:00:00 +0000\r\n"
                                   "Delivered-To: alice@office.example\r\n"
                                   "Message-ID: <1@example.org>\r\nFrom: carol@example.org\r\n\r\n";

std::string listed(std::string_view header, std::string_view field) {
    std::string all;
    for (auto const& occurrence : fetch::addressees(message::HeaderSection(header), field)) {
        for (auto const& mailbox : occurrence) all += message::to_string(mailbox) + " ";
        all += "| ";
    }
    return all;
}

std::string mark(std::string_view header) { return fetch::mark_of(message::HeaderSection(header)); }

} // namespace

TEST_GROUP(FetchHeader){};

TEST(FetchHeader, names_whom_the_provider_had_a_message_for) {
    STRCMP_EQUAL("bob@office.example | office@provider.example | alice@office.example | ", listed(plain, "").c_str());
    STRCMP_EQUAL("office@provider.example | alice@office.example | ", listed(plain, "delivered-to").c_str());
    STRCMP_EQUAL("", listed(plain, "X-For").c_str());
    STRCMP_EQUAL("a@b c@d | ", listed("Envelope-To: a@b,\r\n c@d\r\n\r\n", "").c_str());
}

TEST(FetchHeader, a_message_has_the_same_mark_whatever_its_server_adds) {
    LONGS_EQUAL(16, mark(plain).size());
    CHECK(mark(plain) == mark("Status: RO\r\nX-UID: 17\r\n" + std::string(plain)));
    CHECK(mark(plain) != mark("Message-ID: <1@example.org>\r\nFrom: carol@example.org\r\n\r\n")); // another way here
    CHECK(mark("Received: a\r\nSubject: x\r\n y\r\n\r\n") == mark("RECEIVED: a\nSubject: x y\n\n"));
    CHECK(mark("Subject: x\r\n\r\n") != mark("Subject: y\r\n\r\n"));
}

TEST(FetchHeader, the_sender_is_who_was_said_to_be_it_at_delivery) {
    STRCMP_EQUAL("carol@example.org", fetch::reverse_path_of(message::HeaderSection(plain)).c_str());
    for (auto const* const nobody : {"Return-Path: <>\r\n\r\n", "Return-Path: x y\r\n\r\n", "From: a@b\r\n\r\n"})
        STRCMP_EQUAL("", fetch::reverse_path_of(message::HeaderSection(nobody)).c_str());
}

// RFC 5321 §4.4
TEST(FetchHeader, writes_how_a_message_came) {
    auto const fields =
        fetch::trace_fields("carol@example.org", {.server = "imap.example.net",
                                                  .peer_address = "2001:db8::1",
                                                  .protocol = "IMAP",
                                                  .tls = "TLSv1.3",
                                                  .host_name = "mail.office.lan",
                                                  .id = "77",
                                                  .date = {std::chrono::sys_days{2026y / 1 / 5} + 10h, 60min}});
    STRCMP_EQUAL("Return-Path: <carol@example.org>\r\n"
                 "Received: from imap.example.net ([IPv6:2001:db8::1])\r\n"
                 "\tby mail.office.lan (fetched by IMAP, TLSv1.3)\r\n"
                 "\tid 77;\r\n"
                 "\tMon, 5 Jan 2026 11:00:00 +0100\r\n",
                 fields.c_str());
}

} // namespace fetch_header_test
