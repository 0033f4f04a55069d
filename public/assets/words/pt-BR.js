/** What scripts say in pt-BR: made by tests/house_rules/words.py. */

export default {
"forms": "00111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111",
"said": {
"Close": "Fechar",
"Keys": "Teclas",
"Keys for what is done often: press ? for the list": "Teclas para o que se faz muito: aperte ? para ver a lista",
"Show this list": "Mostrar esta lista",
"Times as “5 minutes ago”": "Horários como “há 5 minutos”"
}
};
