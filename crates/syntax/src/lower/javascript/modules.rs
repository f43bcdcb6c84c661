//! Imports, exports, and what TypeScript adds to statements, from oxc's tree.

use oxc_ast::ast;

use super::Builder;
use crate::ir::{Expr, ExprKind, Span, Stmt, StmtKind};

impl<'a> Builder<'a> {
    pub(super) fn module_statement(&mut self, statement: &ast::Statement, out: &mut Vec<Stmt<'a>>) {
        use ast::Statement as S;
        match statement {
            S::ImportDeclaration(import) => self.import_declaration(import, out),
            S::ExportDefaultDeclaration(export) => self.export_default(export, out),
            S::ExportDeclaration(export) => {
                self.declaration(&export.declaration, out);
                self.export_names(&export.declaration, self.at(export.span), out);
            }
            S::ExportNamedDeclaration(export) => {
                if export.export_kind.is_type() {
                    return;
                }
                for one in export.specifiers.iter().filter(|one| one.export_kind.is_value()) {
                    let span = self.at(one.span);
                    let local = self.name(span, self.export_name(&one.local));
                    out.push(self.exported(span, self.export_name(&one.exported), local));
                }
            }
            S::ExportFromDeclaration(export) => {
                let module = self.literal(&export.source.value, export.source.lone_surrogates);
                let span = self.at(export.span);
                if export.export_kind.is_type() {
                    return;
                }
                if export.specifiers.is_empty() {
                    out.push(self.import(span, module, None, ""));
                }
                for one in export.specifiers.iter().filter(|one| one.export_kind.is_value()) {
                    let name = self.export_name(&one.local);
                    let public = self.export_name(&one.exported);
                    self.reexported(self.at(one.span), module, Some(name), public, out);
                }
            }
            S::ExportAllDeclaration(export) => {
                let module = self.literal(&export.source.value, export.source.lone_surrogates);
                let span = self.at(export.span);
                match &export.exported {
                    _ if export.export_kind.is_type() => {}
                    Some(name) => self.reexported(span, module, None, self.export_name(name), out),
                    None => out.push(self.import(span, module, Some("*"), "")),
                }
            }
            S::TSExportAssignment(export) => {
                let span = self.at(export.span);
                let value = self.expression(&export.expression);
                let target = self.member(span, self.name(span, "module"), "exports");
                out.push(Stmt { span, kind: StmtKind::Assign(self.set(target, None, value, false)) });
            }
            _ => {
                if let Some(declaration) = statement.as_declaration() {
                    self.declaration(declaration, out);
                }
            }
        }
    }

    fn import_declaration(&mut self, import: &ast::ImportDeclaration, out: &mut Vec<Stmt<'a>>) {
        if import.import_kind.is_type() {
            return;
        }
        let module = self.literal(&import.source.value, import.source.lone_surrogates);
        let span = self.at(import.span);
        let before = out.len();
        for specifier in import.specifiers.iter().flatten() {
            let (name, alias) = match specifier {
                ast::ImportDeclarationSpecifier::ImportSpecifier(one) if one.import_kind.is_type() => continue,
                ast::ImportDeclarationSpecifier::ImportSpecifier(one) => {
                    (Some(self.export_name(&one.imported)), self.keep(&one.local.name))
                }
                ast::ImportDeclarationSpecifier::ImportDefaultSpecifier(one) => {
                    (Some("default"), self.keep(&one.local.name))
                }
                ast::ImportDeclarationSpecifier::ImportNamespaceSpecifier(one) => (None, self.keep(&one.local.name)),
            };
            out.push(self.import(span, module, name, alias));
        }
        if out.len() == before {
            out.push(self.import(span, module, None, ""));
        }
    }

    fn export_default(&mut self, export: &ast::ExportDefaultDeclaration, out: &mut Vec<Stmt<'a>>) {
        use ast::ExportDefaultDeclarationKind as K;
        let span = self.at(export.span);
        let kind = match &export.declaration {
            K::FunctionDeclaration(function) => match &function.id {
                Some(id) => ExprKind::Name(self.keep(&id.name)),
                None if function.body.is_none() => return,
                None => ExprKind::Function(self.function(function, "default", false)),
            },
            K::ClassDeclaration(class) => match &class.id {
                Some(id) => {
                    self.declare_class(class, out);
                    ExprKind::Name(self.keep(&id.name))
                }
                None => ExprKind::Class(self.class(class)),
            },
            declaration => match declaration.as_expression() {
                Some(expression) => self.expression(expression).kind,
                None => return,
            },
        };
        out.push(self.exported(span, "default", Expr { span, kind }));
    }

    fn declaration(&mut self, declaration: &ast::Declaration, out: &mut Vec<Stmt<'a>>) {
        use ast::Declaration as D;
        match declaration {
            D::VariableDeclaration(variables) => self.variables(variables, out),
            D::ClassDeclaration(class) => self.declare_class(class, out),
            D::TSEnumDeclaration(one) if !one.declare => self.enumeration(one, out),
            D::TSNamespaceDeclaration(one) if !one.declare => self.namespace(one, out),
            D::TSImportEqualsDeclaration(one) if one.import_kind.is_value() => self.import_equals(one, out),
            // Functions stand at the head of their block already; the others are types.
            _ => {}
        }
    }

    fn export_names(&mut self, declaration: &ast::Declaration, span: Span, out: &mut Vec<Stmt<'a>>) {
        use ast::Declaration as D;
        let mut names = Vec::new();
        match declaration {
            D::VariableDeclaration(variables) if !variables.declare => {
                for variable in &variables.declarations {
                    self.names_in(&variable.id, &mut names);
                }
            }
            D::FunctionDeclaration(function) if function.body.is_some() => {
                names.extend(function.id.as_ref().map(|id| self.keep(&id.name)));
            }
            D::ClassDeclaration(class) if !class.declare => {
                names.extend(class.id.as_ref().map(|id| self.keep(&id.name)));
            }
            D::TSEnumDeclaration(one) if !one.declare => names.push(self.keep(&one.id.name)),
            D::TSNamespaceDeclaration(one) if !one.declare => names.push(self.keep(&one.id.name)),
            D::TSImportEqualsDeclaration(one) => names.push(self.keep(&one.id.name)),
            _ => {}
        }
        for name in names {
            out.push(self.exported(span, name, self.name(span, name)));
        }
    }

    fn names_in(&self, pattern: &ast::BindingPattern, out: &mut Vec<&'a str>) {
        match pattern {
            ast::BindingPattern::BindingIdentifier(name) => out.push(self.keep(&name.name)),
            ast::BindingPattern::AssignmentPattern(with_default) => self.names_in(&with_default.left, out),
            ast::BindingPattern::ArrayPattern(array) => {
                for element in array.elements.iter().flatten() {
                    self.names_in(element, out);
                }
                if let Some(rest) = &array.rest {
                    self.names_in(&rest.argument, out);
                }
            }
            ast::BindingPattern::ObjectPattern(object) => {
                for property in &object.properties {
                    self.names_in(&property.value, out);
                }
                if let Some(rest) = &object.rest {
                    self.names_in(&rest.argument, out);
                }
            }
        }
    }

    fn export_name(&self, name: &ast::ModuleExportName) -> &'a str {
        self.keep(&name.name())
    }

    /// An enum is a map of its members; members without a value count on.
    fn enumeration(&mut self, one: &ast::TSEnumDeclaration, out: &mut Vec<Stmt<'a>>) {
        let span = self.at(one.span);
        let mut pairs = Vec::with_capacity(one.body.members.len());
        let mut next = Some(0);
        for member in &one.body.members {
            let own = self.at(member.span);
            let name = match &member.id {
                ast::TSEnumMemberName::Identifier(name) => self.keep(&name.name),
                ast::TSEnumMemberName::String(text) | ast::TSEnumMemberName::ComputedString(text) => {
                    self.literal(&text.value, text.lone_surrogates)
                }
                ast::TSEnumMemberName::ComputedTemplateString(_) => continue,
            };
            let value = match &member.initializer {
                Some(value) => self.expression(value),
                None => Expr { span: own, kind: next.map_or(ExprKind::Opaque(&[]), ExprKind::Int) },
            };
            next = if let ExprKind::Int(value) = value.kind { value.checked_add(1) } else { None };
            pairs.push((Expr { span: own, kind: ExprKind::Text(name) }, value));
        }
        let map = Expr { span, kind: ExprKind::Map(self.many(&pairs)) };
        out.push(self.declared(span, self.name(span, self.keep(&one.id.name)), map));
    }

    /// A namespace is a block whose exports go to the object of its name.
    fn namespace(&mut self, one: &ast::TSNamespaceDeclaration, out: &mut Vec<Stmt<'a>>) {
        if !self.descend() {
            return;
        }
        let span = self.at(one.span);
        let name = self.keep(&one.id.name);
        out.push(self.declared(span, self.name(span, name), Expr { span, kind: ExprKind::Map(&[]) }));
        let outer = std::mem::replace(&mut self.exports, name);
        let mut body = Vec::new();
        match &one.body {
            ast::TSNamespaceDeclarationBody::TSModuleBlock(block) => self.body_into(&block.body, &mut body),
            ast::TSNamespaceDeclarationBody::TSNamespaceDeclaration(inner) => {
                self.namespace(inner, &mut body);
                let inner = self.keep(&inner.id.name);
                body.push(self.exported(span, inner, self.name(span, inner)));
            }
        }
        self.exports = outer;
        let body = self.many(&body);
        out.push(self.block(span, body));
        self.ascend();
    }

    /// `import fs = require('fs')`, `import x = a.b`.
    fn import_equals(&mut self, one: &ast::TSImportEqualsDeclaration, out: &mut Vec<Stmt<'a>>) {
        let span = self.at(one.span);
        let value = match &one.module_reference {
            ast::TSModuleReference::ExternalModuleReference(external) => {
                let text = &external.expression;
                let module = ExprKind::Text(self.literal(&text.value, text.lone_surrogates));
                self.call(span, self.name(span, "require"), &[Expr { span, kind: module }], false)
            }
            ast::TSModuleReference::IdentifierReference(name) => self.name(span, self.keep(&name.name)),
            ast::TSModuleReference::QualifiedName(name) => self.qualified(name, span),
        };
        out.push(self.declared(span, self.name(span, self.keep(&one.id.name)), value));
    }

    fn qualified(&mut self, name: &ast::TSQualifiedName, span: Span) -> Expr<'a> {
        let mut names = vec![self.keep(&name.right.name)];
        let mut left = &name.left;
        let mut object = loop {
            match left {
                ast::TSTypeName::QualifiedName(inner) => {
                    names.push(self.keep(&inner.right.name));
                    left = &inner.left;
                }
                ast::TSTypeName::IdentifierReference(name) => break self.name(span, self.keep(&name.name)),
                ast::TSTypeName::ThisExpression(_) => break self.name(span, "this"),
            }
        };
        for name in names.into_iter().rev().take(super::DEEPEST as usize) {
            object = self.member(span, object, name);
        }
        object
    }
}
