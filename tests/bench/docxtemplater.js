// Fills one template with docxtemplater, once for each line on standard input: the size, then the bytes.
// Used the plain way: the file is in memory, parsed anew for each document, as docxtemplater's manual shows.
"use strict";
const fs = require("fs");
const [task, modules] = process.argv.slice(2);
const PizZip = require(`${modules}/pizzip`);
const Docxtemplater = require(`${modules}/docxtemplater`);

const content = fs.readFileSync(`${task}.docx`, "binary");
const data = JSON.parse(fs.readFileSync(`${task}.json`, "utf-8"));

function parser(tag) {
  const isTest = tag.startsWith("?");
  const [path, filter] = tag.replace("?", "").split("|").map((word) => word.trim());
  const names = path.split(".");
  return {
    get(scope) {
      const value = names.reduce((found, name) => (found == null ? found : found[name]), scope);
      if (value === undefined) return undefined;
      if (isTest) return Array.isArray(value) ? value.length > 0 : Boolean(value);
      return filter === "at_start" ? value.charAt(0).toUpperCase() + value.slice(1) : value;
    },
  };
}

function render() {
  const document = new Docxtemplater(new PizZip(content), { paragraphLoop: true, linebreaks: true, parser });
  document.render(data);
  return document.getZip().generate({ type: "nodebuffer", compression: "DEFLATE" });
}

require("readline")
  .createInterface({ input: process.stdin })
  .on("line", () => {
    const document = render();
    process.stdout.write(`${document.length}\n`);
    process.stdout.write(document);
  });
