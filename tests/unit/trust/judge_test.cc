// SPDX-License-Identifier: MIT
#include "trust/judge.h"

#include <gtest/gtest.h>

#include "unit/trust/test_keys.h"

namespace lastgood {
namespace {

const SecretKey kSchool = test::KeyOf(1);
const SecretKey kStranger = test::KeyOf(2);
const SecretKey kRevoked = test::KeyOf(3);
const SecretKey kVendor = test::KeyOf(4);

Keyring TestKeyring() {
  Keyring keyring = test::KeyringOf({kSchool, kRevoked, kVendor});
  keyring.revoked.emplace(kRevoked.id, "/etc/lastgood/keys/0303030303030303.revoked");
  return keyring;
}

constexpr const char* kUrl = "https://host.example/a/m.toml?x=/y#z";

SignedText Altered(SignedText text) {
  text.text += "# more";
  return text;
}
SignedText Damaged(SignedText text) {
  text.signature.resize(text.signature.size() / 2);
  return text;
}
SignedText Unsigned() { return {"m.toml", "text", ""}; }
SignedText By(const SecretKey& key) { return test::SignedBy(key, "m.toml", "text"); }
SignedText Named(SignedText text, const std::string& name) {
  text.name = name;
  return text;
}
SignedText WithComment(const std::string& comment) {
  return {"m.toml", "text", FormatSignature(Sign(kSchool, "text", comment))};
}

constexpr auto kRemoteOnly = SignatureRequirement::kRemote;
constexpr auto kBundles = SignatureRequirement::kBundles;
constexpr auto kAlways = SignatureRequirement::kAlways;

struct Row {
  SignedText text;
  Origin origin;
  SignatureRequirement require;
  std::string verdict;  // the trust's text, or the error
};

std::vector<Row> Rows() {
  const std::string school = "signed by 0101010101010101 (0101010101010101.pub)";
  const std::string unsigned_refused = "'m.toml' is not signed";
  const std::string changed =
      "'m.toml' or its signature was changed after key 0101010101010101 signed it";
  const std::string revoked =
      "'m.toml' is signed by key 0303030303030303, which was revoked "
      "(/etc/lastgood/keys/0303030303030303.revoked)";
  const std::string unknown =
      "'m.toml' is signed by key 0202020202020202, which is not trusted here";
  const std::string half =
      "'m.toml.minisig' is no minisign signature: its second line is no signature";
  return {
      // Unsigned: as the policy says.
      {Unsigned(), Origin::kInstalled, kAlways, "installed"},
      {Unsigned(), Origin::kLocal, kRemoteOnly, "not signed"},
      {Unsigned(), Origin::kLocal, kBundles, "not signed"},
      {Unsigned(), Origin::kLocal, kAlways, unsigned_refused},
      {Unsigned(), Origin::kBundle, kRemoteOnly, "not signed"},
      {Unsigned(), Origin::kBundle, kBundles, unsigned_refused},
      {Unsigned(), Origin::kBundle, kAlways, unsigned_refused},
      {Unsigned(), Origin::kRemote, kRemoteOnly, unsigned_refused},
      {Unsigned(), Origin::kRemote, kAlways, unsigned_refused},
      // Signed by a key of this host.
      {By(kSchool), Origin::kLocal, kRemoteOnly, school},
      {By(kSchool), Origin::kBundle, kBundles, school},
      {By(kSchool), Origin::kRemote, kAlways, school},
      {Named(By(kSchool), kUrl), Origin::kRemote, kRemoteOnly, school},
      {Named(By(kSchool), "/stick/m.toml"), Origin::kLocal, kAlways, school},
      // A bad signature is refused wherever it comes from.
      {Altered(By(kSchool)), Origin::kLocal, kRemoteOnly, changed},
      {Altered(By(kSchool)), Origin::kBundle, kRemoteOnly, changed},
      {Altered(By(kSchool)), Origin::kRemote, kRemoteOnly, changed},
      {Damaged(By(kSchool)), Origin::kLocal, kRemoteOnly, half},
      {Damaged(By(kSchool)), Origin::kRemote, kRemoteOnly, half},
      {By(kRevoked), Origin::kLocal, kRemoteOnly, revoked},
      {By(kRevoked), Origin::kBundle, kRemoteOnly, revoked},
      {By(kRevoked), Origin::kRemote, kRemoteOnly, revoked},
      // Nobody here knows the key: as good as unsigned.
      {By(kStranger), Origin::kLocal, kRemoteOnly,
       "signed by 0202020202020202, which is not trusted here"},
      {By(kStranger), Origin::kLocal, kAlways, unknown},
      {By(kStranger), Origin::kBundle, kBundles, unknown},
      {By(kStranger), Origin::kRemote, kRemoteOnly, unknown},
      // One signed file does not pass for another.
      {Named(By(kSchool), "https://host.example/other.toml"), Origin::kRemote, kRemoteOnly,
       "the signature of 'https://host.example/other.toml' is for a file named 'm.toml'"},
      {Named(By(kSchool), "other.toml"), Origin::kLocal, kRemoteOnly,
       "the signature of 'other.toml' is for a file named 'm.toml'"},
      {WithComment("hello"), Origin::kRemote, kRemoteOnly,
       "the signature of 'm.toml' does not say for which file it is"},
      {WithComment("profile:m.toml"), Origin::kLocal, kRemoteOnly,
       "the signature of 'm.toml' does not say for which file it is"},
      {WithComment("timestamp:1\tfile:x.toml\tfile:m.toml"), Origin::kLocal, kRemoteOnly,
       "the signature of 'm.toml' is for a file named 'x.toml'"},
  };
}

TEST(JudgeTest, EveryOriginUnderEveryPolicy) {
  for (const Row& row : Rows()) {
    const auto trust = JudgeDescription(row.text, row.origin, {row.require, {}}, TestKeyring());
    EXPECT_EQ(trust ? trust->text : trust.error().message, row.verdict);
    if (!trust) {
      EXPECT_EQ(trust.error().code, ExitCode::kNotTrusted);
      EXPECT_NE(trust.error().hint, "") << row.verdict;
    } else {
      EXPECT_EQ(trust->key.has_value(), row.verdict.starts_with("signed by 01")) << row.verdict;
    }
  }
}

TEST(JudgeTest, ASourceMayBeBoundToKeys) {
  const Policy policy{kRemoteOnly,
                      {{"https://host.example/", {kSchool.id, kVendor.id}},
                       {"https://host.example/vendor/", {kVendor.id}},
                       {"/srv/", {kSchool.id}}}};
  const auto judge = [&](const SecretKey& key, const std::string& name, Origin origin) {
    const auto trust =
        JudgeDescription(test::SignedBy(key, name, "text"), origin, policy, TestKeyring());
    return trust ? "" : trust.error().message;
  };
  EXPECT_EQ(judge(kSchool, "https://host.example/m.toml", Origin::kRemote), "");
  EXPECT_EQ(judge(kVendor, "https://host.example/m.toml", Origin::kRemote), "");
  EXPECT_EQ(judge(kVendor, "https://host.example/vendor/m.toml", Origin::kRemote), "");
  EXPECT_EQ(judge(kSchool, "https://host.example/vendor/m.toml", Origin::kRemote),
            "'https://host.example/vendor/m.toml' is signed by key 0101010101010101, which may not "
            "sign what begins with 'https://host.example/vendor/'");
  EXPECT_EQ(judge(kVendor, "https://elsewhere.example/m.toml", Origin::kRemote), "");
  // A rule for local files makes a signature a must.
  EXPECT_EQ(judge(kVendor, "/srv/m.toml", Origin::kLocal),
            "'/srv/m.toml' is signed by key 0404040404040404, which may not sign what begins with "
            "'/srv/'");
  const auto trust =
      JudgeDescription({"/srv/m.toml", "text", ""}, Origin::kLocal, policy, TestKeyring());
  ASSERT_FALSE(trust.has_value());
  EXPECT_EQ(trust.error().message, "'/srv/m.toml' is not signed");
}

TEST(JudgeTest, TheCommentIsFieldsBetweenTabs) {
  const std::string comment = FormatComment({1700000000, "m.toml", "phat", "1.2", "a b:c"});
  EXPECT_EQ(comment,
            "timestamp:1700000000\tfile:m.toml\thashed\tproduct:phat\tversion:1.2\tcomment:a b:c");
  EXPECT_EQ(CommentField(comment, "file"), "m.toml");
  EXPECT_EQ(CommentField(comment, "comment"), "a b:c");
  EXPECT_EQ(CommentField(comment, "hashed"), std::nullopt);
  EXPECT_EQ(CommentField(comment, "name"), std::nullopt);
  EXPECT_EQ(FormatComment({0, "f", "", "", ""}), "timestamp:0\tfile:f\thashed");
}

TEST(JudgeTest, FileNames) {
  EXPECT_EQ(FileNameOf("a/b.toml"), "b.toml");
  EXPECT_EQ(FileNameOf("b.toml"), "b.toml");
  EXPECT_EQ(FileNameOf("odd?name#.toml"), "odd?name#.toml");
  EXPECT_EQ(FileNameOf("https://h/a/b.toml?c=/d#/e"), "b.toml");
  EXPECT_EQ(FileNameOf("https://h/"), "");
}

}  // namespace
}  // namespace lastgood
