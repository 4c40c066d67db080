// Run by the JavaScript interpreter that stands beside veraPDF in its jar: says in a line of JSON for each file whether
// it is PDF/A-3b, and what it breaks.
var pdfa = Packages.org.verapdf.pdfa;
var flavour = pdfa.flavours.PDFAFlavour.PDFA_3_B;
Packages.org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider.initialise();
for (var i = 0; i < arguments.length; i++) {
  var parser = pdfa.Foundries.defaultInstance().createParser(new java.io.File(arguments[i]), flavour);
  var result = pdfa.Foundries.defaultInstance().createValidator(flavour, false).validate(parser);
  var broken = {};
  for (var each = result.getTestAssertions().iterator(); each.hasNext();) {
    var assertion = each.next();
    broken[String(assertion.getRuleId().getClause()) + " " + String(assertion.getMessage())] = true;
  }
  print(JSON.stringify({
    compliant: Boolean(result.isCompliant()),
    looked_at: Number(result.getTotalAssertions()),
    broken: Object.keys(broken)
  }));
  parser.close();
}
