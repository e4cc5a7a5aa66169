// SPDX-License-Identifier: MIT
#include "setup/file_step.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "digest/digest.h"
#include "setup/file_plan.h"
#include "setup/template_text.h"

namespace lastgood {
namespace {

struct FileFields {
  std::string path;
  std::string text;
  bool is_template = false;
  FileAttributes attributes;
};

class FileStep final : public Step {
 public:
  FileStep(FileFields fields, const SetupHost& host) : fields_(std::move(fields)), host_(host) {}

  std::string Describe() const override { return "file: " + fields_.path; }

  Result<std::vector<Change>> Pending() override {
    TRY(const std::string content, Content());
    FilePlan plan(host_);
    TRY_DO(plan.WantFile(fields_.path, ToBytes(content), fields_.attributes));
    return plan.Take();
  }

  std::vector<Claim> Claims() const override {
    const std::string attributes = fields_.attributes.Describe();
    return {{FileClaim(fields_.path, host_),
             fmt::format("a file of {} {}{}{}", fields_.is_template ? "template" : "content",
                         Sha256(AsBytes(fields_.text)).ToHex().substr(0, kShownDigits),
                         attributes.empty() ? "" : ", ", attributes)}};
  }

 private:
  static constexpr std::size_t kShownDigits = 16;

  Result<std::string> Content() const {
    if (fields_.is_template) return FillTemplate(fields_.text, host_);
    return fields_.text;
  }

  FileFields fields_;
  const SetupHost& host_;
};

}  // namespace

std::unique_ptr<Step> MakeFileStep(const StepSpec& spec, toml::TableReader& reader,
                                   toml::Diagnostics& mistakes, SetupHost& host) {
  FileFields fields;
  fields.path = ReadHostPath(reader, "path");
  const std::optional<std::string> content = reader.OptionalString("content");
  const std::optional<std::string> pattern = reader.OptionalString("template");
  if (reader.Has("content") == reader.Has("template"))
    mistakes.Add(spec.fields.position, "the step needs either 'content' or 'template'");
  if (pattern) Accept(reader, "template", WhyNotTemplate(*pattern));
  fields.text = content ? *content : pattern.value_or("");
  fields.is_template = pattern.has_value();
  fields.attributes = ReadFileAttributes(reader);
  return std::make_unique<FileStep>(std::move(fields), host);
}

}  // namespace lastgood
